// Measures how the cost of a batch grows with its length, which should be linear. The growth is plotted in
// docs/batch-growth.svg.
import { mkdirSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { COSTS } from "../cost-table.ts";
import { batchShot, submit, untilOver } from "../lib/batches.ts";
import { Client } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { SERENTAK } from "../lib/peers.ts";
import { plotGrowth } from "../lib/plot.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { startServer, type Server } from "../lib/server.ts";
import { median } from "../lib/statistics.ts";

const PLOT = resolve(import.meta.dirname, "../../docs/batch-growth.svg");
const NS_PER_US = 1000;
const MS_PER_SECOND = 1000;
/** Each round takes about two seconds. */
const SHARE_OF_EFFORT = 0.04;
const MAX_SECONDS: Readonly<Record<number, number>> = { 10_000: 0.06, 100_000: 0.4 };
/** Factor by which an item may cost more in a batch ten times as long. */
const MAX_GROWTH = 1.3;
const SIZES = [100, 1000, 10_000, 100_000];
const ROWS_WRITTEN: Readonly<Record<number, number>> = {
  100: COSTS["POST /batch-process, 100 texts"].rowsWritten,
  1000: COSTS["POST /batch-process, 1,000 texts"].rowsWritten,
  10_000: COSTS["POST /batch-process, 10,000 texts"].rowsWritten,
  100_000: COSTS["POST /batch-process, 100,000 texts"].rowsWritten,
};

/** Batches of one size. */
interface Growth {
  readonly items: number;
  /** From the request's first byte to the last result, in milliseconds. */
  readonly ms: number[];
  readonly cpuUsPerItem: number[];
}

/** Time and CPU by the number of items. */
export const batch: Scenario = {
  name: "batch",
  title: "POST /batch-process, short texts put in upper case",
  async run({ rounds }: Effort): Promise<Report> {
    const growth = await measure(Math.max(3, Math.ceil(rounds * SHARE_OF_EFFORT)));
    mkdirSync(resolve(PLOT, ".."), { recursive: true });
    writeFileSync(PLOT, plotGrowth(growth.map(({ items, ms }) => ({ items, ms: median(ms) }))));
    return {
      head: [
        "items",
        "ms to the last result",
        "items/s",
        "CPU µs/item",
        "CPU µs/further item",
        "rows written",
      ],
      rows: growth.map((entry, at) => toRow(entry, growth[at - 1])),
      targets: [
        ...Object.entries(MAX_SECONDS).map(([items, atMost]) => ({
          what: `seconds for ${Number(items).toLocaleString("en")} items`,
          atMost,
          measured: medianOf(growth, Number(items), "ms") / MS_PER_SECOND,
        })),
        ...[10_000, 100_000].map((items) => ({
          what: `CPU per item at ${items.toLocaleString("en")} ÷ that at a tenth`,
          atMost: MAX_GROWTH,
          measured: cpuAt(growth, items) / cpuAt(growth, items / 10),
        })),
        {
          what: "CPU for 10,000 items ÷ the straight line from 1,000 to 100,000",
          atMost: MAX_GROWTH,
          measured: (10_000 * cpuAt(growth, 10_000)) / onTheLine(growth, 10_000),
        },
      ],
      notes: [
        "A batch has a price of its own, some milliseconds, which many items share: a further item costs what lies between two lengths.",
        "Rows written are those that test/cost.test.ts counts.",
      ],
      samples: Object.fromEntries(
        growth.flatMap(({ items, ms, cpuUsPerItem }) => [
          [`${items} items, ms`, ms],
          [`${items} items, CPU µs/item`, cpuUsPerItem],
        ]),
      ),
    };
  },
};

async function measure(rounds: number): Promise<Growth[]> {
  const outside = await openOutside();
  const server = await startServer(SERENTAK, outside);
  const client = new Client(server.port, 1);
  const growth = SIZES.map((items): Growth => ({ items, ms: [], cpuUsPerItem: [] }));
  try {
    await runOne(server, client, 10_000);
    for (let round = 0; round < rounds; round += 1) {
      for (const { items, ms, cpuUsPerItem } of growth) {
        const used = await runOne(server, client, items);
        ms.push(used.ms);
        cpuUsPerItem.push(used.cpuUs / items);
      }
    }
    return growth;
  } finally {
    client.close();
    outside.close();
    await server.stop();
  }
}

async function runOne(server: Server, client: Client, items: number) {
  const shot = batchShot(items);
  const before = server.cpuNs();
  // The Worker's clock is this machine's.
  const startedAt = Date.now();
  const id = await submit(client, shot);
  const finishedAt = await untilOver(client, id, items);
  return { ms: finishedAt - startedAt, cpuUs: (server.cpuNs() - before) / NS_PER_US };
}

function medianOf(growth: readonly Growth[], items: number, of: "ms" | "cpuUsPerItem"): number {
  return median(growth.find((entry) => entry.items === items)?.[of] ?? []);
}

function cpuAt(growth: readonly Growth[], items: number): number {
  return medianOf(growth, items, "cpuUsPerItem");
}

/** CPU µs that a batch of this length would take if its price were a straight line. */
function onTheLine(growth: readonly Growth[], items: number): number {
  const [from, to] = [1000, 100_000];
  const [first, last] = [from * cpuAt(growth, from), to * cpuAt(growth, to)];
  return first + ((last - first) * (items - from)) / (to - from);
}

function toRow({ items, ms, cpuUsPerItem }: Growth, shorter: Growth | undefined): string[] {
  const typical = median(ms);
  return [
    items.toLocaleString("en"),
    typical.toFixed(0),
    Math.round((items * MS_PER_SECOND) / typical).toLocaleString("en"),
    median(cpuUsPerItem).toFixed(2),
    shorter === undefined ? "" : furtherItem({ items, ms, cpuUsPerItem }, shorter).toFixed(2),
    String(ROWS_WRITTEN[items] ?? ""),
  ];
}

function furtherItem(longer: Growth, shorter: Growth): number {
  const cpu = ({ items, cpuUsPerItem }: Growth) => items * median(cpuUsPerItem);
  return (cpu(longer) - cpu(shorter)) / (longer.items - shorter.items);
}
