// The most that callers without a token can make the Worker do in a day, computed from their budgets and
// from what each call costs. Not in it: requests that are refused, each of which is one of the Worker and at
// most two of objects, and for which nothing is written; and the channels that are told of new records.
import { COSTS, NOTHING, type Operations } from "../../bench/cost-table";
import type { Budgets } from "../../src/domain/callers/budgets";

/** Operations of a call in the table. */
export function counted(name: keyof typeof COSTS): Operations {
  return { ...NOTHING, ...COSTS[name] };
}

/** What it costs to ask for a budget. */
const ADMISSION = difference(counted("POST /tasks, without a token"), counted("POST /tasks"));
/** What it costs besides to ask for a key. */
const PEEK = difference(
  counted("POST /tasks, refused with an Idempotency-Key on a day that is spent"),
  counted("POST /tasks, refused on a day that is spent"),
);
/** The beginning and the end of a day. */
const DAY = difference(
  counted("POST /tasks, the first of a day without a token"),
  counted("POST /tasks, without a token"),
);
/** No item costs more than one that comes alone, and with a key. */
const ITEM = sum(counted("POST /users, with an Idempotency-Key"), ADMISSION, PEEK);
const BATCH_OF_ONE = sum(
  counted("POST /batch-process, one user, with an Idempotency-Key"),
  ADMISSION,
  PEEK,
);
/** A request of which each call is refused gives back all of them but one. */
const CALL = sum({ ...NOTHING, workerRequests: 1, outgoing: 1 }, ADMISSION, ADMISSION);

/** Operations of the worst day of one such caller. */
export function worstDayOfOne({ batches, items, calls }: Budgets): Operations {
  const ofOne = Math.min(batches, items);
  return sum(DAY, times(BATCH_OF_ONE, ofOne), times(ITEM, items - ofOne), times(CALL, calls));
}

/** Operations of the worst day of all such callers, of whom there may be any number. */
export function worstDayOfAll({ batches, total_items, total_calls }: Budgets): Operations {
  const item = batches === 0 ? ITEM : BATCH_OF_ONE;
  return sum(DAY, times(item, total_items), times(CALL, total_calls));
}

function difference(from: Operations, less: Operations): Operations {
  return combine((name) => from[name] - less[name]);
}

function sum(...parts: readonly Operations[]): Operations {
  return combine((name) => parts.reduce((total, part) => total + part[name], 0));
}

function times(operations: Operations, factor: number): Operations {
  return combine((name) => operations[name] * factor);
}

function combine(count: (name: keyof Operations) => number): Operations {
  const names = Object.keys(NOTHING) as (keyof Operations)[]; // `keys` forgets the type of a closed record
  return { ...NOTHING, ...Object.fromEntries(names.map((name) => [name, count(name)])) };
}
