// Replies that the routes of notifications share.
import * as v from "valibot";
import { DomainError } from "../../domain/errors";
import { channelNamed, type ChannelsEnv } from "../../runtime/channels";
import type { DeliveryResult } from "../../domain/notifications/channel-queue";
import {
  NotificationId,
  placeOfNotification,
  toNotification,
  type Notification,
} from "../../domain/notifications/delivery";

/** A path with the id of a notification. */
export const NotificationParams = v.object({ id: NotificationId });

/** Refuses the id of a notification that is not there. @throws DomainError `not-found` */
export function unknownNotification(): never {
  throw new DomainError("not-found", "There is no such notification; it may have expired.");
}

/** The queue that would keep the notification of this id, and its event and channel. */
export function findPlace(env: ChannelsEnv, id: string) {
  const { eventId, channel } = placeOfNotification(id);
  return { queue: channelNamed(env, channel), eventId, channel };
}

/** The notification after an action on it. @throws DomainError `not-found`, `wrong-state` */
export function resultOf(result: DeliveryResult, channel: string): Notification {
  if (result.status === "done") return toNotification(result.delivery, channel);
  if (result.status === "not-found") return unknownNotification();
  throw new DomainError("wrong-state", result.detail);
}
