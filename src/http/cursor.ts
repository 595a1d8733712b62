// Cursors of lists: opaque to callers, and bound to the order and the filters of the list that they come from.
import { sha256Hex } from "../lib/sha256";
import { HttpError } from "./problem";
import { Reply } from "./reply";
import type { RequestContext } from "./request-context";

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
 * Opens the page of a list where its cursor says.
 *
 * @param form of the places in this list
 * @returns the groups of the place, none at the list's beginning; and the function that replies with the members of the
 *   page and where the next one begins, null at the end
 * @throws HttpError `malformed-request` for a cursor that is malformed or belongs to another list
 */
export function openPage(
  context: RequestContext,
  list: string,
  cursor: string | undefined,
  form: RegExp,
) {
  const place = cursor === undefined ? [] : decodeCursor(cursor, list, form);
  const reply = <Members extends object>(members: Members, next: string | null) => {
    const next_cursor = next === null ? null : encodeCursor(list, next);
    return new Reply({ ...members, next_cursor }, { headers: nextLink(context, next_cursor) });
  };
  return { place, reply };
}

/** The Link header to the next page; empty on the last page. */
function nextLink({ request }: RequestContext, cursor: string | null): Record<string, string> {
  if (cursor === null) return {};
  const url = new URL(request.url);
  url.searchParams.set("cursor", cursor);
  return { Link: `<${url.href}>; rel="next"` };
}

function decodeCursor(cursor: string, list: string, form: RegExp): readonly string[] {
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
