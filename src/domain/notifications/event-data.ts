// Data of the events about channels themselves.
import * as v from "valibot";
import { Failure } from "./delivery";

const HttpStatus = v.nullable(v.number());

/** `data` of `channel.test`. */
export const TestEventData = v.strictObject({ id: v.string(), channel: v.string() });
export type TestEventData = v.InferOutput<typeof TestEventData>;

/** `data` of `channel.disabled`. */
export const DisabledEventData = v.strictObject({
  id: v.pipe(v.string(), v.description("The channel's name.")),
  channel: v.string(),
  reason: v.nullable(v.string()),
  http_status: HttpStatus,
  waiting: v.pipe(v.number(), v.description("Notifications that wait until it is enabled.")),
});
export type DisabledEventData = v.InferOutput<typeof DisabledEventData>;

/** `data` of `notification.failed`. */
export const FailureEventData = v.strictObject({
  id: v.pipe(v.string(), v.description("Of the notification.")),
  event_id: v.string(),
  channel: v.string(),
  event: v.string(),
  record_id: v.string(),
  attempts: v.number(),
  http_status: HttpStatus,
  error: Failure,
});
export type FailureEventData = v.InferOutput<typeof FailureEventData>;
