// `npm run cost [--json | --readme]`: prints what a day of the free plan carries of each call, and what a
// million of them cost on the paid plan; `--readme` the table of README.md. The counts are those that
// test/cost.test.ts holds the Worker to.
import { parseArgs } from "node:util";
import { BILLS, type Bill } from "./bill.ts";
import { renderFreePlan } from "./free-plan.ts";
import { renderTable } from "./lib/table.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    readme: { type: "boolean", default: false },
  },
});
if (values.json) console.log(JSON.stringify(BILLS, null, 2));
else console.log(values.readme ? renderFreePlan() : render());

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
