// POST /channels/<name>/test: an event `channel.test`, to see whether it arrives.
import { toUnsent, Notification } from "../../domain/notifications/delivery";
import type { TestEventData } from "../../domain/notifications/event-data";
import { createEvent } from "../../domain/notifications/events";
import { MAIL_CHANNEL } from "../../domain/notifications/channels";
import { DomainError } from "../../domain/errors";
import { createIds } from "../../http/idempotency";
import { defineRoute } from "../../http/route";
import { tell } from "../../runtime/channels";
import { ChannelParams, findChannel } from "./channel-replies";

/** Sends a test event through a channel. */
export const testChannelRoute = defineRoute({
  operationId: "testChannel",
  method: "POST",
  path: "/channels/:name/test",
  access: "token",
  params: ChannelParams,
  reply: { status: 202, schema: Notification },
  problems: ["wrong-state"],
  handler: async ({ params: { name } }, context) => {
    findChannel(context, name);
    // What this channel is handed must be a mail, not an event.
    if (name === MAIL_CHANNEL)
      throw new DomainError("wrong-state", "This channel carries the Worker's own mails alone.");
    const { v7: id } = createIds();
    const data = { id: name, channel: name } satisfies TestEventData;
    const { origin } = context;
    const event = createEvent(
      { id, type: "channel.test", recordId: name, origin, data },
      Date.now(),
    );
    await tell(context.env, event, [name]);
    const [notification] = toUnsent(event, [name]);
    if (notification === undefined) throw new TypeError("One channel has one notification");
    return notification;
  },
});
