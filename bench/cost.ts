// `npm run cost [--json | --readme]`: prints what a day of the free plan carries of each call, and what a
// million of them cost on the paid plan; `--readme` the table of README.md. The counts are those that
// test/cost.test.ts holds the Worker to.
import { parseArgs } from "node:util";
import { BILLS, gbSecondsOf, PRICES, type Bill } from "./bill.ts";
import { SLOW_CALLS, type SlowCalls } from "./cost-table.ts";
import { renderFreePlan } from "./free-plan.ts";
import { renderTable } from "./lib/table.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    readme: { type: "boolean", default: false },
  },
});
if (values.json) console.log(JSON.stringify({ calls: BILLS, slow: SLOW_CALLS }, null, 2));
else console.log(values.readme ? renderFreePlan() : `${render()}\n\n${renderSlow()}`);

function render(): string {
  const head = [
    "call, with all that follows from it",
    "KV read/write/delete/list",
    "object requests + alarms",
    "GB-s, estimated",
    "rows read",
    "rows written",
    "outgoing",
    "free plan: calls a day",
    "bound by",
    "of these in KV that day",
    "paid: a million calls",
  ];
  return renderTable(head, BILLS.map(toRow));
}

function toRow(bill: Bill): string[] {
  const { operations, publishedPerFreeDay, dollarsPerMillion } = bill;
  const { kvReads, kvWrites, kvDeletes, kvLists, objectRequests, alarms } = operations;
  return [
    bill.call,
    [kvReads, kvWrites, kvDeletes, kvLists].join("/"),
    alarms === 0 ? String(objectRequests) : `${objectRequests} + ${alarms}`,
    bill.objectGbSeconds.toFixed(4),
    String(operations.rowsRead),
    String(operations.rowsWritten),
    String(operations.outgoing),
    bill.callsPerFreeDay.toLocaleString("en"),
    bill.boundBy,
    publishedPerFreeDay?.toLocaleString("en") ?? "",
    `$${dollarsPerMillion.toFixed(2)}`,
  ];
}

function renderSlow(): string {
  const head = [
    "batch of slow calls",
    "hours",
    "object seconds",
    "GB-s",
    "of a day of the free plan",
    "paid: its GB-s",
    "lanes' sessions",
    "chunks saved",
  ];
  return renderTable(head, SLOW_CALLS.map(toSlowRow));
}

function toSlowRow(batch: SlowCalls): string[] {
  const { calls, callSeconds, concurrency, seconds, objectSeconds, sessions, saves } = batch;
  const gbSeconds = gbSecondsOf(batch);
  const { freePerDay, perMillion } = PRICES.objectGbSeconds;
  return [
    `${calls.toLocaleString("en")} calls of ${callSeconds} s, ${concurrency} at once`,
    (seconds / 3600).toFixed(1),
    objectSeconds.toLocaleString("en"),
    Math.ceil(gbSeconds).toLocaleString("en"),
    `${Math.ceil((100 * gbSeconds) / freePerDay)} %`,
    `$${((gbSeconds * perMillion) / 1_000_000).toFixed(3)}`,
    String(sessions),
    String(saves),
  ];
}
