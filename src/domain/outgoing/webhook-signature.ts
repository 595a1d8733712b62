// Signatures of the Standard Webhooks specification 1.0.0 (symmetric, `v1`).

const SECRET_PREFIX = "whsec_";
const MIN_KEY_BYTES = 24;
const MAX_KEY_BYTES = 64;

/** The key in a secret: base64 of 24 to 64 bytes, with or without its `whsec_`; null for anything else. */
export function decodeWebhookSecret(secret: string): Uint8Array | null {
  const encoded = secret.startsWith(SECRET_PREFIX) ? secret.slice(SECRET_PREFIX.length) : secret;
  try {
    const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
    return bytes.length >= MIN_KEY_BYTES && bytes.length <= MAX_KEY_BYTES ? bytes : null;
  } catch {
    return null;
  }
}

/** The signed message. `timestamp` is in seconds since 1970 UTC and that of the attempt. */
export interface WebhookMessage {
  readonly id: string;
  readonly timestamp: number;
  readonly body: string;
}

/** The three headers of a delivery, signed with each key: two while a secret is being replaced. */
export async function signWebhook(
  message: WebhookMessage,
  keys: readonly Uint8Array[],
): Promise<Record<string, string>> {
  const signed = new TextEncoder().encode(`${message.id}.${message.timestamp}.${message.body}`);
  const signatures = await Promise.all(keys.map((key) => sign(key, signed)));
  return {
    "webhook-id": message.id,
    "webhook-timestamp": String(message.timestamp),
    "webhook-signature": signatures.map((signature) => `v1,${signature}`).join(" "),
  };
}

async function sign(bytes: Uint8Array, content: Uint8Array): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]);
  const signature = await crypto.subtle.sign("HMAC", key, content);
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}
