// DELETE /notifications/<id>: cancel what is pending.
import * as v from "valibot";
import { defineRoute } from "../../http/route";
import { placeOfNotification } from "../../domain/notifications/delivery";
import { cancelIn } from "../../runtime/channels";
import { NotificationParams, resultOf } from "./notification-replies";

/** Cancels a pending notification. */
export const cancelNotificationRoute = defineRoute({
  operationId: "cancelNotification",
  method: "DELETE",
  path: "/notifications/:id",
  access: "token",
  params: NotificationParams,
  reply: { status: 204, schema: v.undefined() },
  problems: ["wrong-state"],
  handler: async ({ params }, { env }) => {
    const { eventId, channel } = placeOfNotification(params.id);
    resultOf(await cancelIn(env, channel, eventId), channel);
    return undefined;
  },
});
