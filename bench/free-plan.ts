// README.md's table of what a day of the free plan carries. test/cost.test.ts holds README.md to it.
import { BILLS, PRICES, type Bill, type Unit } from "./bill.ts";
import type { COSTS } from "./cost-table.ts";
import { renderTable } from "./lib/table.ts";

/** Rows of the table; `npm run cost` prints all there are. */
const CALLS: ReadonlySet<keyof typeof COSTS> = new Set([
  "POST /external-api, three calls",
  "POST /users",
  "POST /users, with an Idempotency-Key",
  "POST /users, to be confirmed, with its mail",
  "GET and POST /users/confirm",
  "GET and POST /users/unsubscribe",
  "POST /tasks",
  "POST /tasks, one webhook told",
  "POST /tasks, without a token",
  "GET /users/<id>",
  "GET /users, a page of fifty",
  "DELETE /users/<id>",
  "POST /batch-process, 10,000 texts",
  "POST /batch-process, 100 calls",
  "POST /batch-process, 100 users",
  "POST /batch-process, 100 tasks",
]);
const COLUMNS = [
  "workerRequests",
  "objectRequests",
  "objectGbSeconds",
  "rowsWritten",
  "rowsRead",
  "kvWrites",
] as const satisfies readonly Unit[];

/** The table as Markdown. */
export function renderFreePlan(): string {
  const head = [
    "a call, with all that follows",
    ...COLUMNS.map((unit) => PRICES[unit].what),
    "**calls a day**",
    "bound by",
  ];
  const quotas = COLUMNS.map((unit) => toText(PRICES[unit].freePerDay));
  const rows = BILLS.filter(({ call }) => CALLS.has(call)).map(toRow);
  return renderTable(head, [["*a day of the free plan*", ...quotas, "", ""], ...rows]);
}

function toRow({ call, operations, objectGbSeconds, callsPerFreeDay, boundBy }: Bill): string[] {
  const { workerRequests, objectRequests, alarms, rowsWritten, rowsRead } = operations;
  const { kvWrites, kvDeletes } = operations;
  return [
    `\`${call.split(", ")[0]}\`${call.slice(call.split(", ")[0]?.length)}`,
    ...[workerRequests, objectRequests + alarms].map(toText),
    objectGbSeconds === 0 ? "0" : objectGbSeconds.toPrecision(1),
    ...[rowsWritten, rowsRead].map(toText),
    kvDeletes > 0 ? `${kvDeletes} delete` : toText(kvWrites),
    `**${toText(callsPerFreeDay)}**`,
    boundBy,
  ];
}

function toText(count: number): string {
  return count.toLocaleString("en");
}
