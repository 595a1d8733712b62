// Rules of redirects, which are followed by hand: each target must pass the host policy like the first URL.
import type { Fetched } from "./outgoing-fetch";

const REDIRECT_STATUSES = new Set([301, 302, 303, 307, 308]);
/** Headers that look like credentials, which another origin must not receive. */
const CREDENTIAL_HEADERS =
  /^(?:authorization|proxy-authorization|cookie|x-auth.*|.*(?:key|token|secret|password|credentials?|signature|session|session-?id|jwt))$/;
const BODY_HEADERS = /^content-/;

/** True for the lower-case name of a header that looks like a credential. */
export function isCredential(name: string): boolean {
  return CREDENTIAL_HEADERS.test(name);
}

/** A request on its way along redirects. Headers are by lower-case name. */
export interface Hop<Body> {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body | null;
}

/**
 * The next request that a response asks for; null if it is no redirect, or one that would carry a body to
 * another origin.
 *
 * @param from the request that was answered
 * @param sentTo the URL it was sent to, against which the target is resolved
 */
export function nextHop<Body>(
  { status, headers }: Pick<Fetched, "status" | "headers">,
  from: Hop<Body>,
  sentTo: string,
): Hop<Body> | null {
  const location = REDIRECT_STATUSES.has(status) ? headers.get("Location") : null;
  const target = location === null ? null : URL.parse(asUtf8(location), sentTo);
  if (target === null) return null;
  const isElsewhere = target.origin !== from.url.origin;
  const isGet = becomesGet(status, from.method);
  if (isElsewhere && !isGet && from.body !== null) return null;
  const isDropped = (name: string) =>
    (isElsewhere && isCredential(name)) || (isGet && BODY_HEADERS.test(name));
  return {
    url: target,
    method: isGet ? "GET" : from.method,
    headers: Object.fromEntries(Object.entries(from.headers).filter(([name]) => !isDropped(name))),
    body: isGet ? null : from.body,
  };
}

/**
 * Decodes a header as UTF-8: the runtime gives one character per byte, while servers write addresses in
 * UTF-8.
 */
function asUtf8(header: string): string {
  const bytes = Array.from(header, (character) => character.charCodeAt(0));
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  return text.includes("\ufffd") || bytes.some((byte) => byte > 0xff) ? header : text;
}

/** True if a redirect changes the method to GET (Fetch standard, HTTP-redirect fetch, step 12). */
function becomesGet(status: number, method: string): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}
