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

/** A value's sort key: the rank of its type, and its order within the type. */
interface SortKey {
  readonly rank: number;
  readonly within: number | string | readonly SortKey[];
}

function rankOf(value: unknown): number {
  if (value === null) return 0;
  return TYPE_ORDER.indexOf(Array.isArray(value) ? "list" : typeof value);
}

/**
 * The key of a value in a total order: null, false, true, numbers, texts (by the collator), lists (by their
 * elements), objects (by their names in order, then by their values).
 *
 * @throws ItemError for a text with too many combining marks, which a collator sorts in quadratic time
 */
function sortKeyOf(value: unknown): SortKey {
  const rank = rankOf(value);
  if (typeof value === "string") {
    checkMarks(value);
    return { rank, within: value };
  }
  if (Array.isArray(value)) return { rank, within: value.map(sortKeyOf) };
  if (!isObject(value)) return { rank, within: Number(value) };
  const names = Object.keys(value).toSorted();
  return { rank, within: [...names, ...names.map((name) => value[name])].map(sortKeyOf) };
}

/** Compares two keys: negative if the left one comes first. */
function compareKeys(left: SortKey, right: SortKey, collator: Intl.Collator): number {
  if (left.rank !== right.rank) return left.rank - right.rank;
  const [a, b] = [left.within, right.within];
  if (typeof a === "string" && typeof b === "string") return collator.compare(a, b);
  if (typeof a !== "object" || typeof b !== "object") return Number(a) - Number(b);
  for (const [at, one] of a.entries()) {
    const other = b[at];
    const order = other === undefined ? 1 : compareKeys(one, other, collator);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

interface Sortable {
  readonly entry: Entry;
  readonly key: SortKey;
}

const LAST: SortKey = { rank: TYPE_ORDER.length, within: 0 };

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
  await eachKeyed(entries, by, run, ({ entry, key }) => {
    list.push(sortable(entry, key, run));
    run.work(SORT_PRICE.per_item);
  });
  const sign = isDescending ? -1 : 1;
  list.sort((a, b) => sign * compareKeys(a.key, b.key, collator));
  return list.map(({ entry }) => entry);
}
