// GET /channels: every channel with its state, by name.
import * as v from "valibot";
import { listDigest, openPage } from "../../http/cursor";
import { ListQuery } from "../../http/list";
import { NextCursor } from "../../http/page";
import { listFile, listReply, type Columns } from "../../http/reply";
import type { RequestContext } from "../../http/request-context";
import { defineRoute } from "../../http/route";
import { channelNamed } from "../../runtime/channels";
import { ChannelReply, toReply } from "./channel-replies";

const ChannelPage = v.strictObject({
  channels: v.array(ChannelReply),
  next_cursor: NextCursor,
});

const ChannelQuery = v.object({
  ...ListQuery,
  order: v.pipe(
    v.optional(v.picklist(["desc", "asc"], "desc or asc"), "asc"),
    v.description("By name, from the first on unless `desc` is asked."),
  ),
});

const CSV_COLUMNS: Columns<ChannelReply> = [
  "name",
  "type",
  "state",
  "reason",
  "waiting",
  "failed",
  "last_delivered_at",
  "next_attempt_at",
];

/** The place of a cursor: the name of the last channel of the page before. */
const PLACE = /^(.+)$/;

/** Answers with one page of the configured channels as JSON, or with all of them as CSV or NDJSON. */
export const listChannelsRoute = defineRoute({
  operationId: "listChannels",
  method: "GET",
  path: "/channels",
  access: "token",
  query: ChannelQuery,
  reply: listReply(ChannelPage),
  problems: [],
  handler: async ({ query: { limit, order, cursor } }, context) => {
    const sorted = [...context.config.channels.keys()].toSorted();
    const names = order === "asc" ? sorted : sorted.toReversed();
    const all = () => statesOf(names, context);
    const file = listFile(context.request, "channels", CSV_COLUMNS, all);
    if (file !== null) return file;
    const list = await listDigest(context.route, order);
    const { place, reply } = openPage(context, list, cursor, PLACE);
    const [after] = place;
    const isLater = (name: string) =>
      after === undefined || (order === "asc" ? name > after : name < after);
    const rest = names.filter(isLater);
    const page = rest.slice(0, limit);
    const { value: channels = [] } = await statesOf(page, context).next();
    return reply({ channels }, rest.length > page.length ? (page.at(-1) ?? null) : null);
  },
});

/** The channels of these names with their states, asked for at once. */
async function* statesOf(
  names: readonly string[],
  { config, env }: RequestContext,
): AsyncGenerator<ChannelReply[], undefined> {
  const channels = names.flatMap((name) => config.channels.get(name) ?? []);
  const asked = channels.map(async (channel) =>
    toReply(channel, await channelNamed(env, channel.name).summary()),
  );
  yield await Promise.all(asked);
}
