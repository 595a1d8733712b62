// GET /channels: every channel with its state.
import * as v from "valibot";
import { nextPageLink, PageQuery } from "../../http/page";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { channelNamed } from "../../runtime/channels";
import { ChannelReply, toReply } from "./channel-replies";

const ChannelPage = v.strictObject({
  channels: v.array(ChannelReply),
  next_cursor: v.pipe(v.nullable(v.string()), v.description("null at the end.")),
});

/** Answers with one page of the configured channels. */
export const listChannelsRoute = defineRoute({
  operationId: "listChannels",
  method: "GET",
  path: "/channels",
  access: "token",
  query: v.object(PageQuery.entries),
  reply: { status: 200, schema: ChannelPage, headers: ["Link"] },
  problems: [],
  handler: async ({ query: { limit, cursor = "" } }, context) => {
    const { config, env } = context;
    // A cursor is the name of the last channel of the page before.
    const rest = [...config.channels.values()]
      .filter(({ name }) => name > cursor)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const page = rest.slice(0, limit);
    const channels = await Promise.all(
      page.map(async (channel) =>
        toReply(channel, await channelNamed(env, channel.name).summary()),
      ),
    );
    const next_cursor = rest.length > page.length ? (page.at(-1)?.name ?? null) : null;
    return new Reply({ channels, next_cursor }, { headers: nextPageLink(context, next_cursor) });
  },
});
