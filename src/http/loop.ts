// Loops: a call of ours that comes back to us would call again, and so on (RFC 8586).
import { CDN_LOOP_MARK } from "../domain/platform";
import type { Call } from "./call";
import { HttpError } from "./problem";

/** @throws HttpError `loop-detected` for a request that a call of ours has led to */
export function refuseLoop({ request }: Call): void {
  const field = request.headers.get("CDN-Loop");
  if (field === null) return;
  // Parameters may be quoted, and hold anything then.
  const marks = field
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, "")
    .split(",")
    .map((mark) => mark.split(";", 1)[0]?.trim().toLowerCase());
  if (!marks.includes(CDN_LOOP_MARK)) return;
  throw new HttpError("loop-detected", "A call of this API led back to it.");
}
