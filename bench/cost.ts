// `npm run cost [--json]`: what a day of the free plan carries of each call, and what a million of them
// cost on the paid plan. The counts are those that test/cost.test.ts holds the Worker to.
import { parseArgs } from "node:util";
import { COSTS, NOTHING, type Operations } from "./cost-table.ts";
import { renderTable } from "./lib/table.ts";

type Billed = Exclude<keyof Operations, "alarms" | "outgoing">;

/** Of one kind of operation. */
interface Price {
  readonly what: string;
  readonly freePerDay: number;
  /** US dollars for a million beyond what the paid plan's 5 dollars a month include. */
  readonly perMillion: number;
}

/**
 * As of November 2026, from developers.cloudflare.com: /workers/platform/pricing/ and
 * /workers/platform/limits/ (requests, KV), /durable-objects/platform/pricing/ (objects, rows). Not in
 * it: CPU time (30 M ms a month included, then $0.02/M), the time for which objects are in memory
 * (13,000 GB-s a day free, 400,000 a month included, then $12.50/M) and storage.
 */
const PRICES: Record<Billed, Price> = {
  workerRequests: { what: "Worker requests", freePerDay: 100_000, perMillion: 0.3 },
  kvReads: { what: "KV reads", freePerDay: 100_000, perMillion: 0.5 },
  kvWrites: { what: "KV writes", freePerDay: 1000, perMillion: 5 },
  kvDeletes: { what: "KV deletes", freePerDay: 1000, perMillion: 5 },
  kvLists: { what: "KV lists", freePerDay: 1000, perMillion: 5 },
  objectRequests: { what: "object requests", freePerDay: 100_000, perMillion: 0.15 },
  rowsRead: { what: "rows read", freePerDay: 5_000_000, perMillion: 0.001 },
  rowsWritten: { what: "rows written", freePerDay: 100_000, perMillion: 1 },
};
const BILLED = Object.keys(PRICES) as Billed[]; // `keys` forgets the type of a closed record

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } } });
const bills = Object.entries(COSTS).map(([call, counts]) =>
  toBill(call, { ...NOTHING, ...counts }),
);
console.log(values.json ? JSON.stringify(bills, null, 2) : render());

interface Bill {
  readonly call: string;
  readonly operations: Operations;
  readonly callsPerFreeDay: number;
  /** The quota that is spent first. */
  readonly boundBy: string;
  readonly dollarsPerMillion: number;
}

function toBill(call: string, operations: Operations): Bill {
  const used = (name: Billed) =>
    operations[name] + (name === "objectRequests" ? operations.alarms : 0);
  const bounds = BILLED.filter((name) => used(name) > 0)
    .map((name) => ({ name, calls: Math.floor(PRICES[name].freePerDay / used(name)) }))
    .sort((a, b) => a.calls - b.calls);
  const dollars = BILLED.reduce((sum, name) => sum + used(name) * PRICES[name].perMillion, 0);
  const [first] = bounds;
  return {
    call,
    operations,
    callsPerFreeDay: first?.calls ?? Infinity,
    boundBy: first === undefined ? "nothing" : PRICES[first.name].what,
    dollarsPerMillion: dollars,
  };
}

function render(): string {
  const head = [
    "call, with all that follows from it",
    "KV read/write/delete/list",
    "object requests + alarms",
    "rows read",
    "rows written",
    "outgoing",
    "free plan: calls a day",
    "bound by",
    "paid: a million calls",
  ];
  return renderTable(head, bills.map(toRow));
}

function toRow({ call, operations, callsPerFreeDay, boundBy, dollarsPerMillion }: Bill): string[] {
  const { kvReads, kvWrites, kvDeletes, kvLists, objectRequests, alarms } = operations;
  return [
    call,
    [kvReads, kvWrites, kvDeletes, kvLists].join("/"),
    alarms === 0 ? String(objectRequests) : `${objectRequests} + ${alarms}`,
    String(operations.rowsRead),
    String(operations.rowsWritten),
    String(operations.outgoing),
    callsPerFreeDay.toLocaleString("en"),
    boundBy,
    `$${dollarsPerMillion.toFixed(2)}`,
  ];
}
