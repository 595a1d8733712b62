// POST /channels/<name>/pause and /enable.
import { defineRoute } from "../../http/route";
import { channelNamed } from "../../runtime/channels";
import { ChannelParams, ChannelReply, findChannel, toReply } from "./channel-replies";

/** Pauses a channel, or enables one that is paused or disabled. */
export const steerChannelRoutes = (["pause", "enable"] as const).map((action) =>
  defineRoute({
    operationId: `${action}Channel`,
    method: "POST",
    path: `/channels/:name/${action}`,
    access: "token",
    params: ChannelParams,
    reply: { status: 200, schema: ChannelReply },
    problems: [],
    handler: async ({ params: { name } }, context) => {
      const channel = findChannel(context, name);
      return toReply(channel, await channelNamed(context.env, name)[action]());
    },
  }),
);
