// POST /notifications/<id>/resend: deliver it once more, whatever became of it.
import { Notification } from "../../domain/notifications/delivery";
import { defineRoute } from "../../http/route";
import { findPlace, NotificationParams, resultOf } from "./notification-replies";

/** Has a notification attempted again from the beginning of its schedule. */
export const resendNotificationRoute = defineRoute({
  operationId: "resendNotification",
  method: "POST",
  path: "/notifications/:id/resend",
  access: "token",
  params: NotificationParams,
  reply: { status: 202, schema: Notification },
  problems: ["wrong-state"],
  handler: async ({ params }, { env }) => {
    const { queue, eventId, channel } = findPlace(env, params.id);
    return resultOf(await queue.resend(eventId), channel);
  },
});
