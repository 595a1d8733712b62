// Sorts lists: the key of each entry is made once.
import type { Query } from "../json-query";
import { checkMarks } from "./graphemes";
import { type Entries, FAILED } from "./entries";
import type { Run } from "./operation";
import type { Price } from "./price";
import { eachKeyed, QUERY_PRICE } from "./queries";
import { forget } from "../../lib/forget";
import { isObject } from "../../lib/is-object";

/** Comparisons of one entry, at most: a list inside a pipeline has at most 100,000 of them. */
const MAX_ROUNDS = 17;

/** Price of sorting: each comparison reads a text once, at worst. */
export const SORT_PRICE: Price = {
  ...QUERY_PRICE,
  per_item: 200 + 10 * MAX_ROUNDS,
  per_character: 3 * MAX_ROUNDS,
};

const TYPE_ORDER = ["null", "boolean", "number", "string", "list", "object"];

/** The sort key of an object: its names in order, then their values. */
class Members {
  readonly keys: readonly unknown[];

  constructor(object: Readonly<Record<string, unknown>>) {
    const names = Object.keys(object).toSorted();
    this.keys = [...names, ...names.map((name) => object[name])].map(sortKeyOf);
  }
}

function rankOf(key: unknown): number {
  if (key === null) return 0;
  // Failed entries come last.
  if (key === FAILED) return TYPE_ORDER.length;
  return TYPE_ORDER.indexOf(Array.isArray(key) ? "list" : typeof key);
}

/**
 * The key of a value in a total order: null, false, true, numbers, texts (by the collator), lists (by their
 * elements), objects (by their names in order, then by their values). A scalar is its own.
 *
 * @throws ItemError for a text with too many combining marks, which a collator sorts in quadratic time
 */
function sortKeyOf(value: unknown): unknown {
  if (typeof value === "string") checkMarks(value);
  if (Array.isArray(value)) return value.map(sortKeyOf);
  return isObject(value) ? new Members(value) : value;
}

/** Bytes that the key of a list or an object takes besides what it was made of. */
function keyBytes(key: unknown): number {
  const elements = elementsOf(key);
  if (elements === null) return 0;
  let bytes = 100 + 16 * elements.length;
  for (const element of elements) bytes += keyBytes(element);
  return bytes;
}

/** Compares two keys: negative if the left one comes first. */
function compareKeys(left: unknown, right: unknown, collator: Intl.Collator): number {
  const order = rankOf(left) - rankOf(right);
  if (order !== 0 || left === FAILED) return order;
  if (typeof left === "string") return collator.compare(left, String(right));
  const [a, b] = [elementsOf(left), elementsOf(right)];
  return a === null || b === null ? Number(left) - Number(right) : compareLists(a, b, collator);
}

function elementsOf(key: unknown): readonly unknown[] | null {
  if (key instanceof Members) return key.keys;
  return Array.isArray(key) ? key : null;
}

function compareLists(a: readonly unknown[], b: readonly unknown[], collator: Intl.Collator) {
  for (let at = 0; at < a.length; at += 1) {
    const order = at < b.length ? compareKeys(a[at], b[at], collator) : 1;
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** An order of entries. */
export interface Order {
  readonly by: Query | undefined;
  readonly collator: Intl.Collator;
  readonly isDescending: boolean;
}

/** Sorts entries by the order of `sortKeyOf`. Stable. */
export async function sortEntries(
  entries: Entries,
  { by, collator, isDescending }: Order,
  run: Run,
): Promise<Entries> {
  const keys: unknown[] = [];
  await eachKeyed(entries, by, run, (at, key) => {
    const own = entries.try(at, () => sortKeyOf(key), run);
    keys.push(own);
    if (typeof own === "object") run.keep(keyBytes(own));
    run.work(SORT_PRICE.per_item);
  });
  const sign = isDescending ? -1 : 1;
  const places = [...keys.keys()];
  places.sort((a, b) => sign * compareKeys(keys[a], keys[b], collator));
  forget(keys);
  return entries.pick(places);
}
