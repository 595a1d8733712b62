// What a day of the free plan carries of each call, and what a million of them cost on the paid plan: the
// counts of cost-table.ts, multiplied by the platform's prices.
import { COSTS, NOTHING, OBJECT_WAITS, type Operations, type SlowCalls } from "./cost-table.ts";

/** Units that the platform bills. */
export type Unit = Exclude<keyof Operations, "alarms" | "outgoing"> | "objectGbSeconds";
type Call = keyof typeof COSTS;

/** Price of one unit. */
interface Price {
  readonly what: string;
  readonly freePerDay: number;
  /** US dollars for a million beyond what the paid plan's 5 dollars a month include. */
  readonly perMillion: number;
}

/**
 * Prices as of November 2026, from developers.cloudflare.com: /workers/platform/pricing/ and
 * /workers/platform/limits/ (requests, KV), /durable-objects/platform/pricing/ (objects, rows). Not in
 * it: storage, and CPU time (30 M ms a month included, then $0.02/M), of which the free plan has no quota
 * a day, but 10 ms an invocation.
 */
export const PRICES: Record<Unit, Price> = {
  workerRequests: { what: "requests", freePerDay: 100_000, perMillion: 0.3 },
  objectRequests: { what: "object requests", freePerDay: 100_000, perMillion: 0.15 },
  objectGbSeconds: { what: "GB-s", freePerDay: 13_000, perMillion: 12.5 },
  rowsWritten: { what: "rows written", freePerDay: 100_000, perMillion: 1 },
  rowsRead: { what: "rows read", freePerDay: 5_000_000, perMillion: 0.001 },
  kvReads: { what: "KV reads", freePerDay: 100_000, perMillion: 0.5 },
  kvWrites: { what: "KV writes", freePerDay: 1000, perMillion: 5 },
  kvDeletes: { what: "KV deletes", freePerDay: 1000, perMillion: 5 },
  kvLists: { what: "KV lists", freePerDay: 1000, perMillion: 5 },
};
const UNITS = Object.keys(PRICES) as Unit[]; // `keys` forgets the type of a closed record
/** A record is kept and answered without KV: where a day's writes are spent, its copy there waits. */
const UNITS_OF_THE_COPY: ReadonlySet<Unit> = new Set(["kvWrites", "kvDeletes"]);

/** An object is billed for 128 MB while it runs or waits; idle, it can hibernate and costs nothing. */
const GB = 0.125;
/** Assumed, not counted: how long an object is awake for each of these, in seconds. */
const AWAKE_S = { request: 0.01, kvOperation: 0.1, otherServer: 0.5 } as const;
/** Copies in KV that a table writes at the same time. */
const KV_AT_ONCE = 5;

/** GB-s of a batch of slow calls. */
export function gbSecondsOf({ objectSeconds }: SlowCalls): number {
  return GB * objectSeconds;
}

/** What one call uses, carries and costs. */
export interface Bill {
  readonly call: Call;
  readonly operations: Operations;
  /** Objects' time, estimated. */
  readonly objectGbSeconds: number;
  /** Calls whose results are kept; where KV's quota is spent, their copies in KV are late. */
  readonly callsPerFreeDay: number;
  /** The quota that is spent first. */
  readonly boundBy: string;
  /** Calls whose copies are in KV on the same day; null for those that have none. */
  readonly publishedPerFreeDay: number | null;
  readonly dollarsPerMillion: number;
}

/** The bill of every call. */
export const BILLS: readonly Bill[] = (Object.keys(COSTS) as Call[]).map(toBill);

function toBill(call: Call): Bill {
  const operations: Operations = { ...NOTHING, ...COSTS[call] };
  const objectGbSeconds = GB * awakeSeconds(operations, OBJECT_WAITS[call] ?? 0);
  const used: Record<Unit, number> = {
    ...operations,
    objectRequests: operations.objectRequests + operations.alarms,
    objectGbSeconds,
  };
  const bounds = UNITS.filter((unit) => used[unit] > 0)
    .map((unit) => ({ unit, calls: Math.floor(PRICES[unit].freePerDay / used[unit]) }))
    .sort((a, b) => a.calls - b.calls);
  const kept = bounds.find(({ unit }) => !UNITS_OF_THE_COPY.has(unit));
  const copied = bounds.find(({ unit }) => UNITS_OF_THE_COPY.has(unit));
  return {
    call,
    operations,
    objectGbSeconds,
    callsPerFreeDay: kept?.calls ?? Infinity,
    boundBy: kept === undefined ? "nothing" : PRICES[kept.unit].what,
    publishedPerFreeDay:
      copied === undefined ? null : Math.min(copied.calls, kept?.calls ?? Infinity),
    dollarsPerMillion: UNITS.reduce((sum, unit) => sum + used[unit] * PRICES[unit].perMillion, 0),
  };
}

function awakeSeconds(operations: Operations, waits: number): number {
  const { objectRequests, alarms, kvReads, kvWrites, kvDeletes, kvLists } = operations;
  const inKv = Math.ceil((kvReads + kvWrites + kvDeletes + kvLists) / KV_AT_ONCE);
  return (
    (objectRequests + alarms) * AWAKE_S.request +
    inKv * AWAKE_S.kvOperation +
    waits * AWAKE_S.otherServer
  );
}
