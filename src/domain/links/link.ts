// Signed links: each lets whoever has it do one thing to one record, without a token. A link holds its
// purpose, the record's id, the end of its validity and where to go afterwards; nothing of a person, and
// nothing that can be changed without the key.
import * as v from "valibot";
import { KEY_LIFE_MS, type LinkKeys } from "./link-keys";

/** Purposes of links. A link for one purpose is none for the other. */
export const LinkPurpose = v.picklist(["confirm", "unsubscribe"]);
export type LinkPurpose = v.InferOutput<typeof LinkPurpose>;

/**
 * Milliseconds for which a link is valid. At most KEY_LIFE_MS: a key stays valid for so long after it has signed its
 * last link.
 */
export const LINK_LIFE_MS = {
  confirm: 24 * 60 * 60_000,
  unsubscribe: KEY_LIFE_MS,
} as const satisfies Record<LinkPurpose, number>;

/** The content of a link. */
export interface Link {
  readonly purpose: LinkPurpose;
  readonly recordId: string;
  /** Milliseconds since 1970 UTC, in whole seconds. */
  readonly expiresAt: number;
  /** The address that its use leads to, or null. */
  readonly next: string | null;
}

/** Characters of a token: the id, the address to go to in base64url, and the signature. */
export const MAX_TOKEN_CHARACTERS = 12_000;

/** The token of a link: its content and the signature of that, both as base64url. */
const LinkToken = v.pipe(
  v.string(),
  v.maxLength(MAX_TOKEN_CHARACTERS),
  v.regex(/^[\w-]+\.[\w-]{43}$/),
);

const Content = v.tuple([
  LinkPurpose,
  v.pipe(v.string(), v.uuid()),
  v.number(),
  v.nullable(v.string()),
]);

/** The address of a link. `base` is the Worker's, without a slash at the end. */
export function linkUrl(base: string, { purpose }: Pick<Link, "purpose">, token: string): string {
  return `${base}/users/${purpose}?token=${token}`;
}

/** Returns a function that signs links with the current key; each is valid for its purpose's time. */
export async function createSigner(
  { current }: LinkKeys,
  now: number,
): Promise<(link: Omit<Link, "expiresAt">) => Promise<string>> {
  const key = await importKey(current.secret);
  return async ({ purpose, recordId, next }) => {
    const expiresAt = Math.floor((now + LINK_LIFE_MS[purpose]) / 1000);
    const content = encode(JSON.stringify([purpose, recordId, expiresAt, next]));
    const signature = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(content));
    return `${content}.${toBase64Url(new Uint8Array(signature))}`;
  };
}

/** The link in a token that one of the keys has signed, also when it is expired; null for any other token. */
export async function readLink(token: string, keys: LinkKeys): Promise<Link | null> {
  if (!v.is(LinkToken, token)) return null;
  const dot = token.indexOf(".");
  const content = token.slice(0, dot);
  const signature = fromBase64Url(token.slice(dot + 1));
  if (signature === null) return null;
  for (const key of [keys.current, keys.before]) {
    if (key !== null && (await isSigned(content, signature, key.secret))) return parse(content);
  }
  return null;
}

async function isSigned(
  content: string,
  signature: Uint8Array<ArrayBuffer>,
  secret: string,
): Promise<boolean> {
  const key = await importKey(secret);
  return crypto.subtle.verify("HMAC", key, signature, new TextEncoder().encode(content));
}

function parse(content: string): Link {
  const text = new TextDecoder().decode(fromBase64Url(content) ?? new Uint8Array());
  const [purpose, recordId, expires, next] = v.parse(Content, JSON.parse(text));
  return { purpose, recordId, expiresAt: expires * 1000, next };
}

function importKey(secret: string): Promise<CryptoKey> {
  const bytes = fromBase64Url(secret);
  if (bytes === null) throw new TypeError("The key is not base64url");
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
}

function encode(text: string): string {
  return toBase64Url(new TextEncoder().encode(text));
}

/** Bytes as base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    return Uint8Array.fromBase64(text, { alphabet: "base64url" });
  } catch {
    return null;
  }
}
