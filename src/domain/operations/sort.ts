// Sorts lists: the key of each entry is made once.
import type { Query } from "../json-query";
import { checkMarks } from "./graphemes";
import type { Entry, Run } from "./operation";
import type { Price } from "./price";
import { eachKeyed, QUERY_PRICE } from "./queries";
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

/** The key of an entry that has failed, which comes last. */
const LAST = Symbol("last");

function rankOf(key: unknown): number {
  if (key === null) return 0;
  if (key === LAST) return TYPE_ORDER.length;
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

/** Compares two keys: negative if the left one comes first. */
function compareKeys(left: unknown, right: unknown, collator: Intl.Collator): number {
  const order = rankOf(left) - rankOf(right);
  if (order !== 0 || left === LAST) return order;
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

interface Sortable {
  readonly entry: Entry;
  readonly key: unknown;
}

function sortable(entry: Entry, key: unknown, run: Run): Sortable {
  if (entry.failed) return { entry, key: LAST };
  try {
    return { entry, key: sortKeyOf(key) };
  } catch (error) {
    return { entry: run.refuse(entry, error), key: LAST };
  }
}

/** An order of entries. */
export interface Order {
  readonly by: Query | undefined;
  readonly collator: Intl.Collator;
  readonly isDescending: boolean;
}

/** Sorts entries by the order of `sortKeyOf`. Stable. */
export async function sortEntries(
  entries: readonly Entry[],
  { by, collator, isDescending }: Order,
  run: Run,
): Promise<Entry[]> {
  const list: Sortable[] = [];
  await eachKeyed(entries, by, run, (entry, key) => {
    list.push(sortable(entry, key, run));
    run.work(SORT_PRICE.per_item);
  });
  const sign = isDescending ? -1 : 1;
  list.sort((a, b) => sign * compareKeys(a.key, b.key, collator));
  return list.map(({ entry }) => entry);
}
