// GET /notifications/<id>: everything that is known of one notification.
import type * as v from "valibot";
import type { Channel } from "../../domain/notifications/channels";
import { mailOf } from "../../domain/notifications/deliver";
import {
  NotificationDetail,
  toLogEntry,
  toNotification,
} from "../../domain/notifications/delivery";
import type { DomainEvent } from "../../domain/notifications/events";
import { defineRoute } from "../../http/route";
import { createMessageContext } from "../../runtime/channels";
import type { TablesEnv } from "../../runtime/tables";
import { findPlace, NotificationParams, unknownNotification } from "./notification-replies";

/** Reads a notification with its attempts and what it tells. */
export const getNotificationRoute = defineRoute({
  operationId: "getNotification",
  method: "GET",
  path: "/notifications/:id",
  access: "token",
  params: NotificationParams,
  reply: { status: 200, schema: NotificationDetail },
  problems: [],
  handler: async ({ params }, { env, config }) => {
    const { queue, eventId, channel } = findPlace(env, params.id);
    const found = (await queue.read(eventId)) ?? unknownNotification();
    return {
      ...toNotification(found.delivery, channel),
      attempt_log: found.log.map((attempt) => toLogEntry(attempt)),
      payload: await payloadOf(env, config.channels.get(channel), found.event),
    } satisfies v.InferInput<typeof NotificationDetail>;
  },
});

/** The mail as a person sees it, or the payload that a program is sent. */
async function payloadOf(env: TablesEnv, channel: Channel | undefined, event: DomainEvent | null) {
  if (event === null) return null;
  const { type, timestamp, data } = event;
  if (channel?.type !== "email" && channel?.type !== "mail") return { type, timestamp, data };
  return mailOf(channel, [event], await createMessageContext(env, [event]));
}
