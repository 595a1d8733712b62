// Operations that turn a list into another list. Entries keep the index of the item they came from.
import * as v from "valibot";
import { isFalse, type Query } from "../json-query";
import { ItemError, OperationError, wrongType } from "./errors";
import { MAX_ITEMS, MAX_LIST_ENTRIES } from "./limits";
import { type Entry, listOperation, type OperationDefinition, type Run } from "./operation";
import { AnyObject, ItemCount, OptionalLocale, wholeNumber } from "./parameters";
import {
  evaluateQuery,
  Expression,
  IDENTITY_PRICE,
  eachIdentified,
  eachKeyed,
  QUERY_PRICE,
} from "./queries";
import { randomNumbers, randomSeed, shuffled } from "./random";
import { SORT_PRICE, sortEntries } from "./sort";

/** Levels of nested lists that `flatten` may open. */
const MAX_FLATTEN_DEPTH = 10;

const By = v.optional(Expression);
const Seed = v.optional(
  v.pipe(wholeNumber(0, 2 ** 32 - 1), v.description("The same seed gives the same result.")),
);

async function unique(entries: readonly Entry[], by: Query | undefined, run: Run) {
  const seen = new Set<unknown>();
  const kept: Entry[] = [];
  await eachIdentified(entries, by, run, (entry, _, identity) => {
    if (entry.failed || seen.size !== seen.add(identity).size) kept.push(entry);
  });
  return kept;
}

async function filter(entries: readonly Entry[], expression: Query, run: Run) {
  const kept: Entry[] = [];
  for (const entry of entries) {
    const tested = entry.failed ? entry : test(entry, expression, run);
    if (tested !== null) kept.push(tested);
    if (run.work(QUERY_PRICE.per_item)) await run.pause();
  }
  return kept;
}

/** The entry if the expression is true, else null. */
function test(entry: Entry, expression: Query, run: Run): Entry | null {
  try {
    return isFalse(evaluateQuery(expression, entry.value, run)) ? null : entry;
  } catch (error) {
    return run.refuse(entry, error);
  }
}

/** Rows of a table. */
const MAX_ROWS = 10_000;

const Table = v.pipe(AnyObject, v.maxEntries(MAX_ROWS), v.description("Values by their keys."));

function lookUp(
  entry: Entry,
  key: unknown,
  { values, other }: { readonly values: ReadonlyMap<string, unknown>; readonly other: unknown },
  run: Run,
): Entry {
  if (entry.failed) return entry;
  if (typeof key !== "string" && typeof key !== "number" && typeof key !== "boolean")
    return run.refuse(entry, wrongType("text, number or boolean", key));
  const value = values.has(String(key)) ? values.get(String(key)) : other;
  if (value !== undefined) return { ...entry, value };
  return run.refuse(entry, new ItemError("invalid-value", "Not in the table"));
}

function flattenInto(out: Entry[], entry: Entry, depth: number): void {
  if (depth === 0 || !Array.isArray(entry.value)) {
    if (out.length >= MAX_LIST_ENTRIES) {
      throw new OperationError(
        "too-large",
        `A list holds at most ${MAX_LIST_ENTRIES} entries; this one would have more`,
      );
    }
    out.push(entry);
    return;
  }
  for (const value of entry.value) flattenInto(out, { ...entry, value }, depth - 1);
}

function chunk(entries: readonly Entry[], size: number): Entry[] {
  const chunks: Entry[] = [];
  for (let at = 0; at < entries.length; at += size) {
    const members = entries.slice(at, at + size);
    const value = members.map((entry) => entry.value);
    chunks.push({ value, index: members[0]?.index ?? 0, failed: false });
  }
  return chunks;
}

/** All operations from list to list. */
export const listOperations: readonly OperationDefinition[] = [
  listOperation({
    name: "unique",
    summary: "Each value once, the first one kept; `by` says what makes items the same",
    failed: "own",
    price: IDENTITY_PRICE,
    parameters: { by: By },
    example: { input: ["b", "a", "b", { x: 1 }, { x: 1 }], output: ["b", "a", { x: 1 }] },
    make:
      ({ by }) =>
      (entries, run) =>
        unique(entries, by, run),
  }),
  listOperation({
    name: "sort",
    summary:
      "Items in order (null, booleans, numbers, texts, lists by their elements, objects), equal ones as they stood",
    failed: "last",
    keepsCount: true,
    price: SORT_PRICE,
    parameters: {
      by: By,
      order: v.optional(v.picklist(["asc", "desc"]), "asc"),
      locale: OptionalLocale,
      numeric: v.optional(
        v.pipe(v.boolean(), v.description("Digits in texts count as numbers: a2 before a10.")),
        false,
      ),
    },
    example: { input: ["pear", "Äpfel", 10, 9, null], output: [null, 9, 10, "Äpfel", "pear"] },
    make: ({ by, order, locale, numeric }) => {
      const collator = new Intl.Collator(locale, { numeric });
      return (entries, run) =>
        sortEntries(entries, { by, collator, isDescending: order === "desc" }, run);
    },
  }),
  listOperation({
    name: "filter",
    summary: "The items for which a JMESPath expression is true",
    failed: "own",
    price: QUERY_PRICE,
    parameters: { expression: Expression },
    example: {
      parameters: { expression: "age >= `18`" },
      input: [
        { name: "Ada", age: 36 },
        { name: "Bo", age: 9 },
      ],
      output: [{ name: "Ada", age: 36 }],
    },
    make:
      ({ expression }) =>
      (entries, run) =>
        filter(entries, expression, run),
  }),
  listOperation({
    name: "flatten",
    summary: "The elements of lists in the place of the lists",
    failed: "own",
    parameters: { depth: v.optional(wholeNumber(1, MAX_FLATTEN_DEPTH), 1) },
    example: { input: [[1, 2], 3, [[4]]], output: [1, 2, 3, [4]] },
    make:
      ({ depth }) =>
      (entries) => {
        const out: Entry[] = [];
        for (const entry of entries) flattenInto(out, entry, depth);
        return out;
      },
  }),
  listOperation({
    name: "chunk",
    summary: "Lists of `size` items each; the last may be shorter",
    failed: "none",
    parameters: { size: wholeNumber(1, MAX_ITEMS) },
    example: { parameters: { size: 2 }, input: [1, 2, 3], output: [[1, 2], [3]] },
    make:
      ({ size }) =>
      (entries) =>
        chunk(entries, size),
  }),
  listOperation({
    name: "take",
    summary: "The first items",
    failed: "own",
    parameters: { count: ItemCount },
    example: { parameters: { count: 2 }, input: [1, 2, 3], output: [1, 2] },
    make:
      ({ count }) =>
      (entries) =>
        entries.slice(0, count),
  }),
  listOperation({
    name: "skip",
    summary: "All but the first items",
    failed: "own",
    parameters: { count: ItemCount },
    example: { parameters: { count: 2 }, input: [1, 2, 3], output: [3] },
    make:
      ({ count }) =>
      (entries) =>
        entries.slice(count),
  }),
  listOperation({
    name: "top",
    summary: "The items with the largest values of `by`, the largest first",
    failed: "none",
    price: SORT_PRICE,
    parameters: { count: ItemCount, by: By },
    example: {
      parameters: { count: 2, by: "age" },
      input: [{ age: 36 }, { age: 9 }, { age: 41 }],
      output: [{ age: 41 }, { age: 36 }],
    },
    make: ({ count, by }) => {
      const collator = new Intl.Collator("en");
      return async (entries, run) =>
        (await sortEntries(entries, { by, collator, isDescending: true }, run))
          .filter((entry) => !entry.failed)
          .slice(0, count);
    },
  }),
  listOperation({
    name: "lookup",
    summary:
      "What a table has for each item, a text, number or boolean, or for what `by` finds in it; what it has not fails, or is the `default`",
    failed: "own",
    keepsCount: true,
    price: QUERY_PRICE,
    parameters: { table: Table, by: By, default: v.optional(v.unknown()) },
    example: {
      parameters: { table: { de: "German", id: "Indonesian" }, default: "other" },
      input: ["id", "de", "xx"],
      output: ["Indonesian", "German", "other"],
    },
    make: ({ table, by, default: other }) => {
      const values = new Map(Object.entries(table));
      return async (entries, run) => {
        const found: Entry[] = [];
        await eachKeyed(entries, by, run, (entry, key) => {
          found.push(lookUp(entry, key, { values, other }, run));
        });
        return found;
      };
    },
  }),
  listOperation({
    name: "sample",
    summary: "So many items at random, none twice, in their order",
    failed: "none",
    parameters: { count: ItemCount, seed: Seed },
    example: { parameters: { count: 2, seed: 1 }, input: ["a", "b", "c", "d"], output: ["b", "d"] },
    make:
      ({ count, seed }) =>
      // Drawn at each run, since one step may be used for many lists.
      (entries, { createUuid }) =>
        shuffled([...entries.keys()], randomNumbers(seed ?? randomSeed(() => createUuid(4))))
          .slice(0, count)
          .toSorted((a, b) => a - b)
          .flatMap((at) => entries[at] ?? []),
  }),
  listOperation({
    name: "shuffle",
    summary: "All items in random order",
    failed: "last",
    keepsCount: true,
    parameters: { seed: Seed },
    example: { parameters: { seed: 1 }, input: ["a", "b", "c", "d"], output: ["d", "b", "a", "c"] },
    make:
      ({ seed }) =>
      (entries, { createUuid }) =>
        shuffled(entries, randomNumbers(seed ?? randomSeed(() => createUuid(4)))),
  }),
];
