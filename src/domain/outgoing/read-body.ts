// Reads the body of a response within its bounds.
import type { Clock } from "../../lib/clock";
import { readCapped } from "../../lib/read-capped";
import { readExcerpt } from "../../lib/read-excerpt";

/** How long an excerpt is waited for. */
const EXCERPT_MS = 1000;

/** How much of which body is read. */
interface BodyBounds {
  readonly method: string;
  readonly maxBytes: number;
  readonly isExcerpt?: boolean;
}

/** Reads a response's body, or the beginning that is wanted of it; null if it is too large. */
export async function readBody(
  request: BodyBounds,
  {
    status,
    headers,
    body,
  }: {
    readonly status: number;
    readonly headers: Headers;
    readonly body: ReadableStream<Uint8Array> | null;
  },
  clock: Clock,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (body === null) return new Uint8Array();
  const { maxBytes, isExcerpt = false } = request;
  if (isExcerpt) {
    if (status < 200 || status >= 300) return readExcerpt(body, maxBytes, EXCERPT_MS, clock);
    body.cancel().catch(() => undefined);
    return new Uint8Array();
  }
  const isTooLarge = declaredLength(request, headers) > maxBytes;
  if (isTooLarge) await body.cancel();
  return isTooLarge ? null : readCapped(body, maxBytes);
}

/** Bytes by Content-Length; 0 for HEAD, whose response declares a length without a body. */
function declaredLength({ method }: Pick<BodyBounds, "method">, headers: Headers): number {
  return method === "HEAD" ? 0 : Number(headers.get("Content-Length") ?? 0);
}
