// Replies that the routes of channels share.
import * as v from "valibot";
import type { ChannelSummary } from "../../domain/notifications/channel-queue";
import { type Channel } from "../../domain/notifications/channels";
import { ChannelName } from "../../domain/notifications/channel-names";
import { DomainError } from "../../domain/errors";
import type { RequestContext } from "../../http/request-context";
import { toIsoTime } from "../../lib/iso-time";

/** A path with the name of a channel. */
export const ChannelParams = v.object({ name: ChannelName });

const Instant = v.nullable(v.pipe(v.string(), v.isoTimestamp()));

/** A channel as callers see it. */
export const ChannelReply = v.strictObject({
  name: v.string(),
  type: v.picklist(["webhook", "slack", "discord", "telegram", "ntfy", "email", "mail"]),
  state: v.picklist(["active", "paused", "disabled"]),
  reason: v.pipe(v.nullable(v.string()), v.description("Why it is not active.")),
  waiting: v.pipe(v.number(), v.description("Pending notifications.")),
  failed: v.pipe(v.number(), v.description("Failed notifications of the last 30 days.")),
  last_delivered_at: Instant,
  next_attempt_at: Instant,
});
export type ChannelReply = v.InferOutput<typeof ChannelReply>;

/** The configured channel. @throws DomainError `not-found` */
export function findChannel({ config }: Pick<RequestContext, "config">, name: string): Channel {
  const channel = config.channels.get(name);
  if (channel !== undefined) return channel;
  throw new DomainError("not-found", "There is no channel of this name in CHANNELS.");
}

/** A channel as callers see it. */
export function toReply({ name, type }: Channel, summary: ChannelSummary): ChannelReply {
  const { state, reason, waiting, failed, lastDeliveredAt, nextAttemptAt } = summary;
  return {
    name,
    type,
    state,
    reason,
    waiting,
    failed,
    last_delivered_at: lastDeliveredAt === null ? null : toIsoTime(lastDeliveredAt),
    next_attempt_at: nextAttemptAt === null ? null : toIsoTime(nextAttemptAt),
  };
}
