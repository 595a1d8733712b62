// Reads the body of a response within its bounds.
import type { Clock } from "../../lib/clock";
import { readCapped } from "../../lib/read-capped";
import { readExcerpt } from "../../lib/read-excerpt";
import type { Fetched } from "./outgoing-fetch";

/** Milliseconds for which an excerpt is waited for. */
const EXCERPT_MS = 1000;

/** Bytes from which a body is read into a buffer of its own, since the runtime would have it twice meanwhile. */
const LARGE_BYTES = 64 * 1024;

/** Bounds within which a body is read. */
interface BodyBounds {
  readonly method: string;
  readonly maxBytes: number;
  readonly isExcerpt?: boolean;
}

/** Reads a response's body, or the beginning that is wanted of it; null if it is too large. */
export function readBody(
  request: BodyBounds,
  response: Fetched,
  clock: Clock,
): Promise<Uint8Array<ArrayBuffer> | null> {
  return request.isExcerpt === true
    ? readBeginning(response, request.maxBytes, clock)
    : readWhole(request, response);
}

async function readWhole(
  request: BodyBounds,
  response: Fetched,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const { maxBytes } = request;
  const { headers, body } = response;
  const declared = declaredLength(request, headers);
  const isShort = declared === null || declared <= maxBytes;
  // The runtime enforces a declared length, unless it decodes what has it.
  const isFramed = declared !== null && isShort && !headers.has("Content-Encoding");
  if (isFramed && declared < LARGE_BYTES && response.arrayBuffer !== undefined)
    return new Uint8Array(await response.arrayBuffer());
  // Of no bytes, which are in no coding, the runtime would say that they end too early.
  if (body === null || declared === 0) return new Uint8Array();
  if (isShort) return readCapped(body, maxBytes, isFramed ? declared : undefined);
  await body.cancel();
  return null;
}

async function readBeginning(
  { status, body }: Fetched,
  maxBytes: number,
  clock: Clock,
): Promise<Uint8Array<ArrayBuffer>> {
  if (body === null) return new Uint8Array();
  if (status < 200 || status >= 300) return readExcerpt(body, maxBytes, EXCERPT_MS, clock);
  body.cancel().catch(() => undefined);
  return new Uint8Array();
}

/** Bytes by Content-Length; null if it is not declared, or for HEAD, whose response has no body. */
function declaredLength({ method }: Pick<BodyBounds, "method">, headers: Headers): number | null {
  const declared = method === "HEAD" ? null : headers.get("Content-Length");
  return declared !== null && /^\d+$/.test(declared) ? Number(declared) : null;
}
