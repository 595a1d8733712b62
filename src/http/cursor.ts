// Cursors of lists: opaque to callers, and bound to the order and the filters of the list that they come from.
import { sha256Hex } from "../lib/sha256";
import { HttpError } from "./problem";

/** Characters of the digest by which a cursor identifies its list. */
const DIGEST_CHARACTERS = 12;

/** The name of a list in its cursors: a digest of what it depends on, such as its order and filters. */
export async function listDigest(...parts: readonly unknown[]): Promise<string> {
  return (await sha256Hex(JSON.stringify(parts))).slice(0, DIGEST_CHARACTERS);
}

/** The cursor of a place in a list. */
export function encodeCursor(list: string, place: string): string {
  return `${list}-${place}`;
}

/**
 * The place that a cursor stands for, as the groups of `form`.
 *
 * @throws HttpError `malformed-request` for a cursor that is malformed or belongs to another list
 */
export function decodeCursor(cursor: string, list: string, form: RegExp): readonly string[] {
  const [, of, text = ""] = /^([0-9a-f]{12})-(.*)$/.exec(cursor) ?? [];
  const place = form.exec(text);
  if (of === list && place !== null) return place.slice(1);
  throw new HttpError(
    "malformed-request",
    of === undefined || place === null
      ? "cursor: not one of ours."
      : "cursor: it belongs to a list with other filters or another order. Begin without it.",
  );
}
