// Operations that turn a list into another list. Entries keep the index of the item they came from.
import * as v from "valibot";
import { isFalse, type Query } from "../json-query";
import { DROPPED, Entries, FAILED } from "./entries";
import { checkEntries, ItemError, wrongType } from "./errors";
import { MAX_ITEMS } from "./limits";
import { listOperation, type OperationDefinition, type Run } from "./operation";
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

/** Bytes of a short list. */
const LIST_BYTES = 64;

/** Levels of nested lists that `flatten` may open. */
const MAX_FLATTEN_DEPTH = 10;

const By = v.optional(Expression);
const Seed = v.optional(
  v.pipe(wholeNumber(0, 2 ** 32 - 1), v.description("The same seed gives the same result.")),
);

async function unique(entries: Entries, by: Query | undefined, run: Run) {
  const seen = new Set<unknown>();
  await eachIdentified(entries, by, run, (at, identity) => {
    if (seen.size === seen.add(identity).size) entries.values[at] = DROPPED;
  });
  return entries.without(DROPPED);
}

async function filter(entries: Entries, expression: Query, run: Run) {
  const find = (value: unknown) => !isFalse(evaluateQuery(expression, value, run));
  for (let at = 0; at < entries.length; at += 1) {
    if (entries.try(at, find, run) === false) entries.values[at] = DROPPED;
    if (run.work(QUERY_PRICE.per_item)) await run.pause();
  }
  return entries.without(DROPPED);
}

/** Rows of a table. */
const MAX_ROWS = 10_000;

const Table = v.pipe(AnyObject, v.maxEntries(MAX_ROWS), v.description("Values by their keys."));

interface Lookup {
  readonly table: ReadonlyMap<string, unknown>;
  readonly other: unknown;
}

/** @throws ItemError for a key that the table cannot have, or has not */
function lookUp(key: unknown, { table, other }: Lookup): unknown {
  if (typeof key !== "string" && typeof key !== "number" && typeof key !== "boolean")
    throw wrongType("text, number or boolean", key);
  const value = table.has(String(key)) ? table.get(String(key)) : other;
  if (value !== undefined) return value;
  throw new ItemError("invalid-value", "Not in the table");
}

async function lookup(entries: Entries, by: Query | undefined, from: Lookup, run: Run) {
  await eachKeyed(entries, by, run, (at, key) => {
    entries.values[at] = entries.try(at, () => lookUp(key, from), run);
  });
  return entries;
}

/** The entries that a value becomes. */
function countOf(value: unknown, depth: number): number {
  if (depth === 0 || !Array.isArray(value)) return 1;
  let count = 0;
  for (const member of value) count += countOf(member, depth - 1);
  return count;
}

function flatten(entries: Entries, depth: number): Entries {
  const count = countOf(entries.values, depth + 1);
  checkEntries(count);
  // Of their length from the start: to grow, a list is copied.
  const values = Array<unknown>(count);
  const indices = new Uint32Array(count);
  let next = 0;
  const add = (value: unknown, index: number, levels: number): void => {
    if (levels > 0 && Array.isArray(value)) {
      for (const member of value) add(member, index, levels - 1);
      return;
    }
    values[next] = value;
    indices[next] = index;
    next += 1;
  };
  for (const [at, value] of entries.values.entries()) add(value, entries.index(at), depth);
  return new Entries(values, indices);
}

function chunk(entries: Entries, size: number, run: Run): Entries {
  const count = Math.ceil(entries.length / size);
  run.keep(count * LIST_BYTES);
  const values = Array<unknown>(count);
  const indices = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) {
    const from = at * size;
    values[at] = entries.values.slice(from, from + size);
    indices[at] = entries.index(from);
  }
  return new Entries(values, indices);
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
      (entries) =>
        flatten(entries, depth),
  }),
  listOperation({
    name: "chunk",
    summary: "Lists of `size` items each; the last may be shorter",
    failed: "none",
    parameters: { size: wholeNumber(1, MAX_ITEMS) },
    example: { parameters: { size: 2 }, input: [1, 2, 3], output: [[1, 2], [3]] },
    make:
      ({ size }) =>
      (entries, run) =>
        chunk(entries, size, run),
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
          .without(FAILED)
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
      const from = { table: new Map(Object.entries(table)), other };
      return (entries, run) => lookup(entries, by, from, run);
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
      (entries, run) =>
        entries.pick(
          shuffled(entries.length, randomNumbers(seed ?? randomSeed(() => run.createUuid(4))))
            .slice(0, count)
            .sort((a, b) => a - b),
        ),
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
      (entries, run) =>
        entries.pick(
          shuffled(entries.length, randomNumbers(seed ?? randomSeed(() => run.createUuid(4)))),
        ),
  }),
];
