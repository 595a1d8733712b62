// GET /notifications: the deliveries of all channels with their state, newest first.
import * as v from "valibot";
import type { DeliveryFilters } from "../../domain/notifications/channel-queue";
import { ChannelName } from "../../domain/notifications/channel-names";
import {
  DeliveryStatus,
  Notification,
  NotificationEvent,
  toNotification,
  type Delivery,
} from "../../domain/notifications/delivery";
import type { RequestContext } from "../../http/request-context";
import { anyOfParameter, InstantParameter, ListQuery } from "../../http/list";
import { listDigest, openPage } from "../../http/cursor";
import { NextCursor } from "../../http/page";
import { listFile, listReply, type Columns } from "../../http/reply";
import { defineRoute } from "../../http/route";

import { channelNamed, type ChannelsEnv } from "../../runtime/channels";

const MAX_RECORD_ID_CHARACTERS = 100;
/** Deliveries that one read of an export asks each channel for. */
const EXPORT_ROWS = 1000;

const NotificationPage = v.strictObject({
  notifications: v.array(Notification),
  next_cursor: NextCursor,
});

const NotificationQuery = v.object({
  ...ListQuery,
  channel: v.optional(
    v.pipe(ChannelName, v.description("Also one that left CHANNELS: its list is kept.")),
  ),
  status: v.optional(anyOfParameter(DeliveryStatus.options)),
  event: v.optional(anyOfParameter(NotificationEvent.options)),
  record_id: v.optional(v.pipe(v.string(), v.maxLength(MAX_RECORD_ID_CHARACTERS, "too long"))),
  since: v.optional(InstantParameter),
});
type NotificationQuery = v.InferOutput<typeof NotificationQuery>;

const CSV_COLUMNS: Columns<Notification> = [
  "id",
  "event_id",
  "channel",
  "event",
  "record_id",
  "status",
  "attempts",
  "last_attempt_at",
  "next_attempt_at",
  "http_status",
  ["error", ({ error }) => error?.detail ?? null],
];

/** Answers with one page as JSON, or with all matching notifications as CSV or NDJSON. */
export const listNotificationsRoute = defineRoute({
  operationId: "listNotifications",
  method: "GET",
  path: "/notifications",
  access: "token",
  query: NotificationQuery,
  reply: listReply(NotificationPage),
  problems: [],
  handler: async ({ query }, context) => {
    const list = listOf(query, context);
    const all = () => everything(list);
    const file = listFile(context.request, "notifications", CSV_COLUMNS, all);
    if (file !== null) return file;
    const digest = await listDigest(context.route, list.order, list.filters, list.names);
    const page = openPage(context, digest, query.cursor, PLACE);
    const { entries, next } = await readPage(list, placeOf(page.place), query.limit);
    const notifications = entries.map(({ delivery, name }) => toNotification(delivery, name));
    return page.reply({ notifications }, next && `${next.seq.toString(36)}-${next.name}`);
  },
});

/** Filters of a list, and the channels it is read from. */
interface List {
  readonly env: ChannelsEnv;
  readonly names: readonly string[];
  readonly order: "asc" | "desc";
  readonly filters: DeliveryFilters;
}

/** A place in the list: rows stand by the time of arrival, those of the same number by the channel's name. */
interface Place {
  readonly seq: number;
  readonly name: string;
}

interface Entry {
  readonly delivery: Delivery;
  readonly name: string;
}

function listOf(query: NotificationQuery, { env, config }: RequestContext): List {
  const { channel, order, status, event, record_id, since } = query;
  return {
    env,
    names: channel === undefined ? [...config.channels.keys()].toSorted() : [channel],
    order,
    filters: { status, event, recordId: record_id, since },
  };
}

/** Merges the pages of all channels, each of which may have all that is wanted. */
async function readPage(
  { env, names, order, filters }: List,
  after: Place | null,
  limit: number,
): Promise<{ entries: readonly Entry[]; next: Place | null }> {
  const pages = await Promise.all(
    names.map(async (name): Promise<Entry[]> => {
      const isInclusive = after !== null && name > after.name;
      // One more than is asked for tells that there is more.
      const query = { filters, order, after: after?.seq ?? null, isInclusive, limit: limit + 1 };
      const deliveries = await channelNamed(env, name).page(query);
      return deliveries.map((delivery) => ({ delivery, name }));
    }),
  );
  const sign = order === "asc" ? 1 : -1;
  const all = pages
    .flat()
    .toSorted((a, b) => sign * (a.delivery.seq - b.delivery.seq) || (a.name < b.name ? -1 : 1));
  const entries = all.slice(0, limit);
  const last = entries.at(-1);
  const hasMore = all.length > limit && last !== undefined;
  return { entries, next: hasMore ? { seq: last.delivery.seq, name: last.name } : null };
}

async function* everything(list: List): AsyncGenerator<Notification[]> {
  let after: Place | null = null;
  do {
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(list, after, EXPORT_ROWS);
    yield page.entries.map(({ delivery, name }) => toNotification(delivery, name));
    after = page.next;
  } while (after !== null);
}

/** A place as cursors have it: its row's number to the base of 36, and its channel's name. */
const PLACE = /^([0-9a-z]{1,11})-([\w-]{1,64})$/;

function placeOf([seq, name]: readonly string[]): Place | null {
  return seq === undefined || name === undefined ? null : { seq: Number.parseInt(seq, 36), name };
}
