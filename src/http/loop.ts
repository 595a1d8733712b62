// Detects loops: a call of ours that leads back to us would call again, without end (RFC 8586).
import { CDN_LOOP_MARK } from "../domain/platform";
import type { RequestContext } from "./request-context";
import { HttpError } from "./problem";

/**
 * Refuses a request that one of our own calls has led to.
 *
 * @throws HttpError `loop-detected`
 */
export function refuseLoop({ request }: RequestContext): void {
  const field = request.headers.get("CDN-Loop");
  if (field === null) return;
  // Quoted parameters are removed first, since they may contain any text.
  const marks = field
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, "")
    .split(",")
    .map((mark) => mark.split(";", 1)[0]?.trim().toLowerCase());
  if (!marks.includes(CDN_LOOP_MARK)) return;
  throw new HttpError("loop-detected", "A call of this API led back to it.");
}
