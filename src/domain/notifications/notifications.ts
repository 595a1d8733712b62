// Notifications: an event on its way to channels. What is told, in which form, and how often it is tried.
import * as v from "valibot";
import { toIsoTime } from "../../lib/iso-time";
import type { Channel, EventType } from "./channels";
import { EVENT_TYPES } from "./channels";
import type { Attempt, ItemState } from "../jobs/job";
import { FetchFailure, type Outcome } from "../outgoing/outgoing-fetch";
import { createRedaction } from "../outgoing/redaction";
import { signWebhook } from "./webhook-signature";

/** Something that happened, in the form that the Standard Webhooks specification gives it. */
export interface DomainEvent {
  readonly id: string;
  readonly type: EventType;
  /** Of the event, RFC 3339. */
  readonly timestamp: string;
  /** A line for people. */
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One event for one channel: an item of a notification job. */
export const Delivery = v.object({ id: v.string(), channel: v.string() });
export type Delivery = Readonly<v.InferOutput<typeof Delivery>>;

/** An event's delivery, as a task remembers it. */
export const Notice = v.strictObject({
  ...Delivery.entries,
  event: v.picklist(EVENT_TYPES),
  eventId: v.string(),
  /** Milliseconds since 1970 UTC. */
  at: v.number(),
});
export type Notice = v.InferOutput<typeof Notice>;

const Instant = v.pipe(v.string(), v.isoTimestamp());

/** A delivery as callers see it. */
export const Notification = v.strictObject({
  id: v.string(),
  channel: v.string(),
  event: v.picklist(EVENT_TYPES),
  status: v.picklist(["pending", "delivered", "failed"]),
  attempts: v.number(),
  last_attempt_at: v.nullable(Instant),
  next_attempt_at: v.nullable(Instant),
  http_status: v.nullable(v.number()),
  error: v.nullable(v.strictObject({ code: v.string(), detail: v.string() })),
});
export type Notification = v.InferOutput<typeof Notification>;

/** Before each attempt, in milliseconds: the schedule of the Standard Webhooks specification. */
const SCHEDULE_MS = [0, 5, 5 * 60, 30 * 60, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map(
  (seconds) => seconds * 1000,
);
/** Up to a tenth more, so that what failed together does not come back together. */
const JITTER = 0.1;

/** Whole milliseconds until the attempt after `attempts`, or null when that was the last. */
export function deliveryDelay(attempts: number, random: () => number): number | null {
  const delay = SCHEDULE_MS[attempts];
  // An alarm for a fraction of a millisecond would ring too early.
  return delay === undefined ? null : Math.round(delay * (1 + JITTER * random()));
}

/** A request to a channel. `timestamp` is that of the attempt, in milliseconds since 1970 UTC. */
export async function createRequest(
  channel: Exclude<Channel, { type: "email" }>,
  delivery: Delivery,
  event: DomainEvent,
  timestamp: number,
): Promise<{ url: URL; headers: Record<string, string>; body: string }> {
  const { url } = channel;
  const json = { ...SENDER, "content-type": "application/json" };
  switch (channel.type) {
    case "webhook": {
      const body = JSON.stringify({
        type: event.type,
        timestamp: event.timestamp,
        data: event.data,
      });
      const message = { id: `msg_${delivery.id}`, timestamp: Math.floor(timestamp / 1000), body };
      return { url, body, headers: { ...json, ...(await signWebhook(message, channel.keys)) } };
    }
    case "slack":
      return { url, body: JSON.stringify({ text: escapeSlack(event.text) }), headers: json };
    case "discord":
      // Without this a title such as "@everyone" would ring everywhere.
      return {
        url,
        body: JSON.stringify({
          content: escapeMarkdown(event.text).slice(0, MAX_DISCORD_CHARACTERS),
          allowed_mentions: { parse: [] },
        }),
        headers: json,
      };
    case "ntfy":
      return {
        url,
        body: event.text,
        headers: { ...SENDER, "content-type": "text/plain; charset=utf-8", title: event.type },
      };
  }
}

/** Discord, for one, refuses requests without it. */
const SENDER = { "user-agent": "serentak" };

/** Discord's limit for a message. */
const MAX_DISCORD_CHARACTERS = 2000;

/** Nothing in a title becomes a link that says something else, or formatting. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\*_~|`>[\]()]/g, "\\$&");
}

/** Slack's own escapes: nothing in a title becomes a link or a mention. */
function escapeSlack(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Characters of a receiver's answer that are kept, for whoever looks into a failure. */
const EXCERPT_CHARACTERS = 200;
/** A receiver may ask for more patience than the schedule has between any two attempts, but not for ever. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

/**
 * What an answer means: 2xx alone is success, and a redirect is a failure.
 *
 * @param at when the attempt began, and `retryAfterMs` what its `Retry-After` asked for
 * @param secrets what is hidden where the answer quotes it
 */
export function toDeliveryAttempt(
  { result }: Pick<Outcome, "result">,
  {
    at,
    retryAfterMs,
    secrets,
  }: { at: number; retryAfterMs: number | null; secrets: readonly string[] },
): Attempt {
  if (result instanceof FetchFailure) {
    return { status: "failed", error: { code: result.code, detail: result.message, at } };
  }
  const { status: http_status, headers, bytes } = result;
  if (http_status >= 200 && http_status < 300)
    return { status: "succeeded", output: { http_status, at } };
  const wish = headers.get("webhook-delivery");
  const answer = createRedaction(secrets).text(new TextDecoder().decode(bytes));
  const excerpt = answer.slice(0, EXCERPT_CHARACTERS).toWellFormed();
  const detail = `The receiver answered ${http_status}${excerpt === "" ? "." : `: ${excerpt}`}`;
  return {
    status: "failed",
    error: { code: "http-status", detail, http_status, at },
    isFinal: http_status === 410 || wish === "abort-message" || wish === "disable",
    ...(retryAfterMs !== null && { retryAfterMs: Math.min(retryAfterMs, MAX_RETRY_AFTER_MS) }),
  };
}

/** What attempts leave behind in a delivery's state. */
const Trace = v.looseObject({ at: v.optional(v.number()), http_status: v.optional(v.number()) });

/** A delivery and its state as callers see them. */
export function toNotification(
  { id, channel, event }: Notice,
  state: ItemState | undefined,
): Notification {
  const shown = { id, channel, event, attempts: state?.attempts ?? 0 };
  if (state === undefined || state.status === "pending") {
    const { at, http_status, error } = traceOf(state?.error);
    const next = state === undefined || state.dueAt === 0 ? null : toIsoTime(state.dueAt);
    return {
      ...shown,
      status: "pending",
      last_attempt_at: at,
      next_attempt_at: next,
      http_status,
      error,
    };
  }
  const status = state.status === "succeeded" ? "delivered" : "failed";
  const { at, http_status, error } = traceOf(
    state.status === "failed" ? state.error : state.output,
  );
  return { ...shown, status, last_attempt_at: at, next_attempt_at: null, http_status, error };
}

function traceOf(value: unknown) {
  const { at, http_status = null } = v.is(Trace, value) ? v.parse(Trace, value) : {};
  const failure = v.is(Failure, value) ? { code: value.code, detail: value.detail } : null;
  return { at: at === undefined ? null : toIsoTime(at), http_status, error: failure };
}

const Failure = v.looseObject({ code: v.string(), detail: v.string() });
