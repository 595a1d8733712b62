// Operations that reduce a list to one value. Items that an operation cannot take are left out and reported.
import * as v from "valibot";
import type { Query } from "../json-query";
import type { Entries } from "./entries";
import { OperationError, wrongType } from "./errors";
import { MAX_ITEMS, MAX_TEXT_CHARS } from "./limits";
import { deviation, mean, measured, type Numbers, quantileOf, sortedNumbers, sum } from "./numbers";
import { type OperationDefinition, type Run, summaryOperation } from "./operation";
import { Text, wholeNumber } from "./parameters";
import { eachIdentified, Expression, IDENTITY_PRICE } from "./queries";
import { summarizeOperation } from "./summarize";

/** Bins of a histogram, at most. */
const MAX_BINS = 1_000;
/** Quantiles of one request, at most. */
const MAX_QUANTILES = 20;

/** Bytes that a group takes besides its key and items. */
const GROUP_BYTES = 150;

const By = v.optional(Expression);

function numbersOf(entries: Entries, run: Run): number[] {
  const numbers: number[] = [];
  for (const [at, value] of entries.values.entries()) {
    if (typeof value === "number") numbers.push(value);
    else run.refuse(entries.index(at), wrongType("number", value));
  }
  return numbers;
}

function describe(numbers: number[], quantiles: readonly number[], isSample: boolean) {
  const sorted = sortedNumbers(numbers);
  const of = (measure: (list: Numbers) => number, least = 1) =>
    sorted.length < least ? null : measured(sorted, measure);
  const at = (quantile: number) => of((list) => quantileOf(list, quantile));
  const freed = isSample ? 1 : 0;
  return {
    count: sorted.length,
    min: sorted[0] ?? null,
    max: sorted.at(-1) ?? null,
    mean: of(mean),
    median: at(0.5),
    stdev: of((list) => deviation(list, freed), 1 + freed),
    quantiles: quantiles.map((quantile) => ({ quantile, value: at(quantile) })),
  };
}

function histogram(numbers: number[], bins: number) {
  const sorted = sortedNumbers(numbers);
  const [low = 0, high = 0] = [sorted[0], sorted.at(-1)];
  if (low === high)
    return sorted.length === 0 ? [] : [{ from: low, to: high, count: sorted.length }];
  const edge = (bin: number) => {
    if (bin === 0) return low;
    if (bin === bins) return high;
    // Each bound is divided separately, since the whole range, and most of it, may overflow a double.
    const width = high / bins - low / bins;
    const fromLow = low + bin * width;
    return Number.isFinite(fromLow) ? Math.min(high, fromLow) : high - (bins - bin) * width;
  };
  let next = 0;
  return Array.from({ length: bins }, (_, bin) => {
    const [start, to] = [next, edge(bin + 1)];
    // The largest number belongs to the last bin.
    const isBefore = (number = to) => number < to || bin === bins - 1;
    while (next < sorted.length && isBefore(sorted[next])) next += 1;
    return { from: edge(bin), to, count: next - start };
  });
}

async function groups(entries: Entries, by: Query | undefined, run: Run) {
  const found = new Map<unknown, unknown[]>();
  await eachIdentified(entries, by, run, (at, identity) => {
    const items = found.get(identity);
    if (items !== undefined) return void items.push(entries.values[at]);
    // With its first item from the start: to grow, a list takes room for sixteen more.
    found.set(identity, [entries.values[at]]);
    run.keep(GROUP_BYTES);
  });
  return Array.from(found, ([key, items]) => ({ key, items }));
}

async function frequencies(entries: Entries, by: Query | undefined, run: Run) {
  const found = new Map<unknown, number>();
  await eachIdentified(entries, by, run, (_, identity) => {
    const count = found.get(identity) ?? 0;
    if (count === 0) run.keep(GROUP_BYTES);
    found.set(identity, count + 1);
  });
  return Array.from(found, ([value, count]) => ({ value, count })).sort(
    (a, b) => b.count - a.count,
  );
}

function join(entries: Entries, separator: string, run: Run): string {
  const parts: string[] = [];
  let chars = 0;
  for (const [at, value] of entries.values.entries()) {
    if (typeof value !== "string" && typeof value !== "number") {
      run.refuse(entries.index(at), wrongType("text or number", value));
      continue;
    }
    const part = String(value);
    parts.push(part);
    chars += part.length + (parts.length > 1 ? separator.length : 0);
  }
  if (chars <= MAX_TEXT_CHARS) return parts.join(separator);
  const bound = `a text has at most ${MAX_TEXT_CHARS}`;
  throw new OperationError("too-large", `The text would be ${chars} characters long; ${bound}`);
}

/** All operations that reduce a list to one value. */
export const summaryOperations: readonly OperationDefinition[] = [
  summaryOperation({
    name: "count",
    summary: "The number of items",
    parameters: {},
    example: { input: ["a", null, 3], output: 3 },
    make: () => (entries) => entries.length,
  }),
  summaryOperation({
    name: "sum",
    summary: "The sum of the numbers (compensated: 0.1 ten times is 1)",
    parameters: {},
    example: { input: [1, 2, 3.5], output: 6.5 },
    make: () => (entries, run) => {
      const total = measured(numbersOf(entries, run), sum);
      if (total !== null) return total;
      throw new OperationError("invalid-value", "The sum is too large for a number");
    },
  }),
  summaryOperation({
    name: "statistics",
    summary:
      "Count, minimum, maximum, mean, median, standard deviation and quantiles of the numbers; null for what there is none of, or is too large for a number",
    price: { per_item: 300, per_character: 0 },
    parameters: {
      quantiles: v.optional(
        v.pipe(
          v.array(v.pipe(v.number(), v.minValue(0), v.maxValue(1))),
          v.maxLength(MAX_QUANTILES),
        ),
        [0.25, 0.5, 0.75],
      ),
      sample: v.optional(
        v.pipe(
          v.boolean(),
          v.description("The standard deviation of a sample (n − 1), not of a population (n)."),
        ),
        false,
      ),
    },
    example: {
      parameters: { quantiles: [0.9] },
      input: [2, 4, 4, 4, 5, 5, 7, 9],
      output: {
        count: 8,
        min: 2,
        max: 9,
        mean: 5,
        median: 4.5,
        stdev: 2,
        quantiles: [{ quantile: 0.9, value: 7.6 }],
      },
    },
    make:
      ({ quantiles, sample }) =>
      (entries, run) =>
        describe(numbersOf(entries, run), quantiles, sample),
  }),
  summaryOperation({
    name: "histogram",
    summary: "How many numbers fall into each of `bins` equal ranges; the last includes its end",
    price: { per_item: 300, per_character: 0 },
    parameters: { bins: v.optional(wholeNumber(1, MAX_BINS), 10) },
    example: {
      parameters: { bins: 2 },
      input: [0, 1, 2, 3, 4],
      output: [
        { from: 0, to: 2, count: 2 },
        { from: 2, to: 4, count: 3 },
      ],
    },
    make:
      ({ bins }) =>
      (entries, run) =>
        histogram(numbersOf(entries, run), bins),
  }),
  summaryOperation({
    name: "frequency",
    summary: "How often each value occurs, the most frequent first",
    price: IDENTITY_PRICE,
    parameters: { by: By, limit: v.optional(wholeNumber(1, MAX_ITEMS)) },
    example: {
      input: ["b", "a", "b"],
      output: [
        { value: "b", count: 2 },
        { value: "a", count: 1 },
      ],
    },
    make:
      ({ by, limit }) =>
      async (entries, run) =>
        (await frequencies(entries, by, run)).slice(0, limit),
  }),
  summaryOperation({
    name: "group_by",
    summary: "Items that share the result of a JMESPath expression, in order of appearance",
    price: IDENTITY_PRICE,
    parameters: { by: Expression },
    example: {
      parameters: { by: "team" },
      input: [
        { n: 1, team: "x" },
        { n: 2, team: "y" },
        { n: 3, team: "x" },
      ],
      output: [
        {
          key: "x",
          items: [
            { n: 1, team: "x" },
            { n: 3, team: "x" },
          ],
        },
        { key: "y", items: [{ n: 2, team: "y" }] },
      ],
    },
    make:
      ({ by }) =>
      (entries, run) =>
        groups(entries, by, run),
  }),
  summarizeOperation,
  summaryOperation({
    name: "join",
    summary: "Texts and numbers as one text",
    parameters: { separator: v.optional(Text, ", ") },
    example: { parameters: { separator: "-" }, input: ["a", "b", 3], output: "a-b-3" },
    make:
      ({ separator }) =>
      (entries, run) =>
        join(entries, separator, run),
  }),
];
