// Parameters and replies that the routes of users and tasks share: ids, versions, conditions.
import * as v from "valibot";
import type { WriteCondition } from "../domain/records/table";
import type { RequestContext } from "../http/request-context";
import type { Asker } from "../domain/records/confirmation";
import { preferredLanguage } from "../http/language";
import { callerAddress } from "../http/limits";
import { LANGUAGES } from "../lib/languages";
import { etagOf, isNotModified, versionConditions } from "../http/etag";
import { Reply } from "../http/reply";
import type { RecordContext } from "../domain/records/context";
import { Records } from "../runtime/record-context";

/** Path parameters with the id of a record. */
export const IdParams = v.object({ id: v.pipe(v.string(), v.uuid(), v.toLowerCase()) });

/** Reply of the routes that refill a table. */
export const Refilled = v.strictObject({ status: v.literal("filled") });

/** A record with its ETag, or 304 if the caller has this version already. */
export function versioned<Value extends { readonly version: number }>(
  { request, method }: RequestContext,
  value: Value,
): Reply<Value | undefined> {
  const { version } = value;
  const headers = { ETag: etagOf(version) };
  return method === "GET" && isNotModified(request.headers, { etag: headers.ETag, version })
    ? new Reply(undefined, { status: 304, headers })
    : new Reply(value, { headers });
}

/** The reply for a new record, with its path in Location. The status is the route's. */
export function created<Value extends { readonly id: string; readonly version: number }>(
  path: string,
  value: Value,
): Reply<Value> {
  return new Reply(value, {
    headers: { Location: `${path}/${value.id}`, ETag: etagOf(value.version) },
  });
}

/** Context of the actions on records, for this caller. */
export function recordContextOf({
  env,
  caller,
  origin,
  request: { headers },
}: RequestContext): RecordContext {
  return new Records(env, {
    hasToken: caller.kind === "token",
    origin,
    get asker() {
      return askerOf(headers);
    },
    get language() {
      return preferredLanguage(headers, LANGUAGES);
    },
  });
}

/** The caller as sign-ups count mails by it. */
export function askerOf(headers: Headers): Asker {
  return { address: callerAddress(headers) };
}

/** The conditions under which a write holds. @throws HttpError `malformed-request` */
export function conditionOf({ request, requestId, origin }: RequestContext): WriteCondition {
  return { ...versionConditions(request.headers), requestId, origin };
}
