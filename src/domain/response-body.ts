// Bytes of a response as something that fits into JSON, without the secrets that were sent along.
import { isDeeperThan } from "../lib/json-depth";

/** A response's body in JSON. `base64` is for what is not text. */
export interface ResponseBody {
  readonly body_type: "json" | "text" | "base64";
  readonly body: unknown;
}

/** Deeper JSON stays text: whoever walks it, and we who write it, would run out of stack. */
const MAX_JSON_DEPTH = 256;

const JSON_TYPE = /^application\/(?:.+\+)?json$/;

/**
 * Reads a body by its media type: JSON where it is declared and parses, text where the bytes decode
 * without a fault in the declared charset (UTF-8 unless said) and hold no control characters, base64
 * otherwise.
 */
export function decodeBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string | null,
): ResponseBody {
  const [essence = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((part) => /^\s*charset="?([^"\s]+)"?/.exec(part)?.[1])
    .find(Boolean);
  const text = decodeText(bytes, charset ?? "utf-8");
  if (text === null || BINARY.test(text)) return { body_type: "base64", body: toBase64(bytes) };
  const value = JSON_TYPE.test(essence.trim()) ? parseJson(text) : undefined;
  if (value === undefined || isDeeperThan(value, MAX_JSON_DEPTH))
    return { body_type: "text", body: text };
  return { body_type: "json", body: value };
}

/** The value, or undefined for what is declared as JSON but is not: the caller sees what came. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeText(bytes: Uint8Array<ArrayBuffer>, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes that no text holds (MIME Sniffing, "binary data byte"). In JSON each would take six. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;

const BASE64_CHUNK_BYTES = 0x8000;

function toBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += BASE64_CHUNK_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + BASE64_CHUNK_BYTES));
  }
  return btoa(binary);
}

/** Makes a secret unreadable wherever an upstream echoes it. */
export interface Redaction {
  /** In bytes, in place, before they are decoded. */
  bytes(bytes: Uint8Array): void;
  /** In a text, such as a header or a URL. */
  text(text: string): string;
  /** In the strings of a JSON value, keys included: JSON can spell a text with escapes. */
  value(value: unknown): unknown;
}

const NO_REDACTION: Redaction = {
  bytes: () => undefined,
  text: (text) => text,
  value: (value) => value,
};

/** A redaction of these secrets: as they are, percent-encoded, and with the escapes of JSON. */
export function createRedaction(secrets: readonly string[]): Redaction {
  if (secrets.length === 0) return NO_REDACTION;
  // The longest first, or a secret within another would leave the other's rest.
  const spellings = [...new Set(secrets.flatMap(spellingsOf))].sort((a, b) => b.length - a.length);
  const needles = spellings.map((spelling) => new TextEncoder().encode(spelling));
  const clean = (text: string) =>
    spellings.reduce(
      (rest, spelling) => rest.replaceAll(spelling, "*".repeat(spelling.length)),
      text,
    );
  const walk = (node: unknown): unknown => {
    if (typeof node === "string") return clean(node);
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== "object" || node === null) return node;
    return Object.fromEntries(
      Object.entries(node).map(([key, child]) => [clean(key), walk(child)]),
    );
  };
  return {
    bytes: (bytes) => needles.forEach((needle) => blot(bytes, needle)),
    text: clean,
    value: walk,
  };
}

function spellingsOf(secret: string): string[] {
  const encoded = encodeURIComponent(secret);
  const escaped = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    encoded,
    encoded.replace(/%../g, (octet) => octet.toLowerCase()),
    escaped,
    escaped.replaceAll("/", "\\/"),
  ];
}

function blot(bytes: Uint8Array, needle: Uint8Array): void {
  const [first = 0] = needle;
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    if (needle.every((byte, offset) => bytes[at + offset] === byte)) {
      bytes.fill("*".charCodeAt(0), at, at + needle.length);
    }
  }
}
