// POST /channels/<name>/replay: everything that failed, once more.
import * as v from "valibot";
import { parseInstant } from "../../lib/instant";
import { strictObject } from "../../lib/strict-object";
import { defineRoute } from "../../http/route";
import { channelNamed } from "../../runtime/channels";
import { ChannelParams, findChannel } from "./channel-replies";

const ReplayRequest = strictObject({
  since: v.pipe(
    v.string(),
    v.maxLength(40),
    v.check((text) => parseInstant(text) !== null, "Not an RFC 3339 instant"),
    v.description("Events of this instant and after."),
  ),
  status: v.optional(v.picklist(["failed", "cancelled", "delivered"]), "failed"),
});

/** Has notifications of one status attempted again, from an instant on. */
export const replayChannelRoute = defineRoute({
  operationId: "replayChannel",
  method: "POST",
  path: "/channels/:name/replay",
  access: "token",
  params: ChannelParams,
  body: ReplayRequest,
  reply: {
    status: 202,
    schema: v.strictObject({
      resent: v.pipe(v.number(), v.description("Notifications that are pending again.")),
    }),
  },
  problems: [],
  handler: async ({ params: { name }, body: { since, status } }, context) => {
    findChannel(context, name);
    const at = parseInstant(since) ?? 0;
    return { resent: await channelNamed(context.env, name).replay(status, at) };
  },
});
