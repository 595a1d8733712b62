// The schema of a call's receipt, and of the counts of all.
import * as v from "valibot";
import { heldIn } from "../../lib/held-json";
import { strictObject } from "../../lib/strict-object";
import type { FailureCode } from "../outgoing/outgoing-fetch";

/** A duration in milliseconds, rounded to a tenth. */
const Milliseconds = v.pipe(v.number(), v.minValue(0));

const Headers = v.record(v.string(), v.string());
const BodyType = v.picklist(["json", "text", "base64"]);

/** Receipt of a call that got a response, whatever its status. */
const Fulfilled = strictObject({
  id: v.string(),
  status: v.literal("fulfilled"),
  url: v.pipe(v.string(), v.description("Where the response came from, after redirects.")),
  http_status: v.number(),
  ok: v.pipe(
    v.boolean(),
    v.description("Whether the status is 2xx; also 304, where the call asked conditionally."),
  ),
  headers: Headers,
  body_type: BodyType,
  body: v.unknown(),
  fallback_used: v.optional(v.literal(true)),
  bytes: v.number(),
  attempts: v.number(),
  redirects: v.number(),
  started_ms: Milliseconds,
  duration_ms: Milliseconds,
  cache: v.optional(v.picklist(["hit", "miss", "stale"])),
});

/** Reason why a call got no usable response. */
export const CallErrorCode = v.picklist([
  "timeout",
  "network",
  "host-not-allowed",
  "too-many-redirects",
  "response-too-large",
  "unsupported-encoding",
  "invalid-select",
  "dependency-failed",
  "subrequest-limit",
  "quota-exceeded",
  "cancelled",
] satisfies (FailureCode | "invalid-select" | "dependency-failed")[]);
export type CallErrorCode = v.InferOutput<typeof CallErrorCode>;

/** Receipt of a call that got no usable response. */
const Rejected = strictObject({
  id: v.string(),
  status: v.literal("rejected"),
  url: v.string(),
  error: strictObject({
    code: CallErrorCode,
    detail: v.string(),
  }),
  http_status: v.optional(
    v.pipe(v.number(), v.description("Of the response that had arrived, if one had.")),
  ),
  headers: v.optional(Headers),
  body_type: v.optional(BodyType),
  body: v.optional(v.unknown()),
  fallback_used: v.optional(v.literal(true)),
  attempts: v.number(),
  started_ms: Milliseconds,
  duration_ms: Milliseconds,
});

/** The receipt of one call. */
export const CallResult = v.variant("status", [Fulfilled, Rejected]);
export type CallResult = v.InferOutput<typeof CallResult>;

/** True for a response that the call can go on with. */
export function isOk(result: CallResult): boolean {
  return result.status === "fulfilled" && result.ok;
}

/** The receipt with its body as a value, for expressions. */
export function withValue(result: CallResult): CallResult {
  const held = heldIn(result);
  return held === null ? result : { ...result, body: held.toJSON() };
}

/** Counts of a request's calls: the last line of a streamed reply. */
export const Summary = strictObject({
  total: v.number(),
  fulfilled: v.number(),
  ok: v.number(),
  rejected: v.number(),
  policy_met: v.boolean(),
  duration_ms: Milliseconds,
});
export type Summary = v.InferOutput<typeof Summary>;
