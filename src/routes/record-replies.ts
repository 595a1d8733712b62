// What the routes of users and tasks share: ids, versions and lists.
import * as v from "valibot";
import type { Call } from "../http/call";
import { etagOf, isNotModified } from "../http/etag";
import { nextPageLink } from "../http/page";
import { HttpError } from "../http/problem";
import { Reply } from "../http/reply";
import { CursorError, type KvDirectory } from "../storage/kv-directory";

/** A path with the id of a record. */
export const IdParams = v.object({ id: v.pipe(v.string(), v.uuid(), v.toLowerCase()) });

/** A record with its ETag, or 304 for a caller who has it. */
export function versioned<Value extends { readonly version: number }>(
  { request, method }: Call,
  value: Value,
): Reply<Value | undefined> {
  const headers = { ETag: etagOf(value.version) };
  return method === "GET" && isNotModified(request.headers, headers.ETag)
    ? new Reply(undefined, { status: 304, headers })
    : new Reply(value, { headers });
}

/** A page of list entries and the link to the next. @throws HttpError `malformed-request` */
export async function readPage<Summary>(
  call: Call,
  directory: Pick<KvDirectory<never, Summary>, "page">,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
  isWanted?: (summary: Summary) => boolean,
) {
  try {
    const page = await directory.page(limit, cursor ?? null, isWanted);
    return { ...page, headers: nextPageLink(call, page.cursor) };
  } catch (error) {
    if (error instanceof CursorError)
      throw new HttpError("malformed-request", `cursor: ${error.message}.`);
    throw error;
  }
}
