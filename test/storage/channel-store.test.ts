// A channel with as many deliveries as are kept: every list of the console reads a few rows, whatever became of them.
import { reset, runInDurableObject } from "cloudflare:test";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { DeliveryFilters } from "../../src/domain/notifications/channel-queue";
import type { DomainEvent } from "../../src/domain/notifications/events";
import { ChannelStore } from "../../src/storage/channel-store";
import { countReads } from "../support/count-reads";
import { FIRST_ARRIVAL_AT, insertDeliveries } from "../support/many-rows";
import { channelObject } from "../support/tasks";

const COUNT = 100_000;
const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;

const LATER: DomainEvent = {
  id: "later",
  type: "task.created",
  timestamp: new Date(FIRST_ARRIVAL_AT).toISOString(),
  recordId: "task-later",
  origin: null,
  data: {},
};

/** Fills a channel. */
const fill = (channel: string, count: number) =>
  runInDurableObject(channelObject(channel), (_, { storage }) => {
    // Its alarm would try what waits.
    void storage.deleteAlarm();
    storage.sql.exec(insertDeliveries(count));
  });

beforeAll(() => fill("hook", COUNT));
afterAll(reset);

/** What the channel's rows give, and how many of them were read for it. */
function costOf<T>(
  use: (store: ChannelStore) => T,
  channel = "hook",
): Promise<{ value: T; read: number }> {
  return runInDurableObject(channelObject(channel), (_, { storage }) => {
    const { sql, rowsRead } = countReads(storage.sql);
    const counted: DurableObjectStorage = new Proxy(storage, {
      get: (target, name) => (name === "sql" ? sql : Reflect.get(target, name)),
    });
    const store = new ChannelStore(counted);
    const before = rowsRead();
    const value = use(store);
    return { value, read: rowsRead() - before };
  });
}

const LISTS: [filters: DeliveryFilters, shown: number, most: number][] = [
  [{}, 11, 11],
  [{ status: ["delivered"] }, 11, 11],
  [{ status: ["failed"] }, 11, 25],
  [{ status: ["cancelled"] }, 10, 25],
  [{ status: ["pending"] }, 10, 35],
  [{ recordId: "task-500" }, 10, 25],
  [{ since: FIRST_ARRIVAL_AT + (COUNT - 5) * SECOND_MS }, 5, 70],
  [{ status: ["failed"], since: FIRST_ARRIVAL_AT + COUNT * SECOND_MS - HOUR_MS }, 0, 5],
];

describe("a list of 100,000 deliveries", () => {
  it.for(LISTS)(
    "by %j shows %i and reads at most %i rows",
    async ([filters, shown, most], { expect }) => {
      for (const after of [null, (FIRST_ARRIVAL_AT + COUNT * SECOND_MS) * 1000]) {
        const { value, read } = await costOf((store) =>
          store.page({ filters, order: "desc", after, isInclusive: false, limit: 11 }),
        );
        expect(value).toHaveLength(shown);
        expect(read).toBeLessThanOrEqual(most);
      }
    },
  );

  it("is counted, and what failed sent again, by reading no others", async ({ expect }) => {
    const counted = await costOf((store) => store.counts());
    expect(counted).toMatchObject({ value: { waiting: 10, failed: 20 } });
    expect(counted.read).toBeLessThan(40);

    const replayed = await costOf((store) => store.replay("failed", 0, FIRST_ARRIVAL_AT));
    expect(replayed.value).toBe(20);
    expect(replayed.read).toBeLessThan(150);
  });
});

it("a sweep of a full channel reads a few rows, also once its object has started anew", async ({
  expect,
}) => {
  await fill("full", COUNT + 15);
  const sweep = () => costOf((store) => store.sweep(FIRST_ARRIVAL_AT, 10), "full");

  expect(await sweep()).toMatchObject({ value: 10 });
  const again = await sweep();
  const last = await sweep();

  expect(again).toMatchObject({ value: 5 });
  expect(again.read).toBeLessThan(50);
  expect(last).toMatchObject({ value: 0 });
  expect(last.read).toBeLessThan(20);
});

it("a sweep counts what has come since the last one", async ({ expect }) => {
  await fill("growing", COUNT);
  const sweep = () => costOf((store) => store.sweep(FIRST_ARRIVAL_AT, 10), "growing");
  expect(await sweep()).toMatchObject({ value: 0 });

  await costOf((store) => store.add(LATER, FIRST_ARRIVAL_AT), "growing");

  const swept = await sweep();
  expect(swept).toMatchObject({ value: 1 });
  expect(swept.read).toBeLessThan(30);
});
