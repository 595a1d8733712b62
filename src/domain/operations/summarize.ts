// The operation that groups items and measures the numbers of each group.
import * as v from "valibot";
import type { Query } from "../json-query";
import { type Entries, FAILED } from "./entries";
import { wrongType } from "./errors";
import { deviation, mean, measured, type Numbers, quantileOf, sortedNumbers, sum } from "./numbers";
import { type Run, summaryOperation } from "./operation";
import { eachIdentified, eachKeyed, Expression, IDENTITY_PRICE } from "./queries";

/** Bytes that a group takes besides its key, with its measures. */
const GROUP_BYTES = 300;

const MEASURES = ["count", "sum", "mean", "min", "max", "median", "stdev"] as const;
type MeasureName = (typeof MEASURES)[number];

const MEASURE: Readonly<Record<MeasureName, (sorted: Numbers) => number | null>> = {
  count: (sorted) => sorted.length,
  sum: (sorted) => measured(sorted, sum),
  mean: (sorted) => measured(sorted, mean),
  min: (sorted) => sorted[0] ?? null,
  max: (sorted) => sorted.at(-1) ?? null,
  median: (sorted) => measured(sorted, (list) => quantileOf(list, 0.5)),
  stdev: (sorted) => measured(sorted, (list) => deviation(list, 0)),
};

/** Groups and measures of a summary. */
interface Summary {
  readonly by: Query;
  readonly value: Query;
  readonly functions: readonly MeasureName[];
}

async function summarize(
  entries: Entries,
  { by, value, functions }: Summary,
  run: Run,
): Promise<unknown[]> {
  // An item that has no number is reported, and is in no group.
  const numbers = Array<number>(entries.length);
  await eachKeyed(entries, value, run, (at, key) => {
    if (typeof key === "number") numbers[at] = key;
    else if (key !== FAILED)
      entries.values[at] = run.refuse(entries.index(at), wrongType("a number as value", key));
  });
  const found = new Map<unknown, number[]>();
  await eachIdentified(entries, by, run, (at, identity) => {
    const group = found.get(identity);
    const number = numbers[at] ?? NaN;
    if (group !== undefined) return void group.push(number);
    found.set(identity, [number]);
    run.keep(GROUP_BYTES);
  });
  return Array.from(found, ([key, list]) => {
    const sorted = sortedNumbers(list);
    // Without a member at first it has room for four: those that are added take twice as much.
    const row: Record<string, unknown> = {};
    row["key"] = key;
    for (const name of functions) row[name] = MEASURE[name](sorted);
    return row;
  });
}

/** The operation `summarize`. */
export const summarizeOperation = summaryOperation({
  name: "summarize",
  summary:
    "For each group of items that share `by`: measures of the numbers that `value` finds in them",
  price: { ...IDENTITY_PRICE, per_item: 2 * IDENTITY_PRICE.per_item },
  parameters: {
    by: Expression,
    value: Expression,
    functions: v.optional(
      v.pipe(v.array(v.picklist(MEASURES)), v.minLength(1), v.maxLength(MEASURES.length)),
      ["count", "sum", "mean", "min", "max"],
    ),
  },
  example: {
    parameters: { by: "team", value: "points" },
    input: [
      { team: "x", points: 1 },
      { team: "y", points: 5 },
      { team: "x", points: 2 },
    ],
    output: [
      { key: "x", count: 2, sum: 3, mean: 1.5, min: 1, max: 2 },
      { key: "y", count: 1, sum: 5, mean: 5, min: 5, max: 5 },
    ],
  },
  make:
    ({ by, value, functions }) =>
    (entries, run) =>
      summarize(entries, { by, value, functions }, run),
});
