// Sorts lists: the key of each entry is made once, and its work counted.
import type { Query } from "../json-query";
import { checkMarks, isPlain } from "./graphemes";
import type { Entry, Run } from "./operation";
import { identityOf, type KeyedEntry, keyEntries } from "./queries";

const TYPE_ORDER = ["null", "boolean", "number", "string", "object"];
const TEXT_RANK = TYPE_ORDER.indexOf("string");

/** A value's sort key: the rank of its type, and its order within the type. */
interface SortKey {
  readonly rank: number;
  readonly within: unknown;
}

/** The key of `null`, which sorts before all others. */
const NULL_KEY: SortKey = { rank: 0, within: 0 };

/**
 * The key of a value in a total order: null, false, true, numbers, texts (by the collator), then everything
 * else by its text from `write`.
 */
function sortKeyOf(value: unknown, write: (value: object) => string): SortKey {
  if (value === null) return NULL_KEY;
  // Written once here instead of at each comparison.
  const within = typeof value === "object" ? write(value) : value;
  return { rank: TYPE_ORDER.indexOf(typeof value), within };
}

/** Compares two keys: negative if the left one comes first. */
function compareKeys(left: SortKey, right: SortKey, collator: Intl.Collator): number {
  if (left.rank !== right.rank) return left.rank - right.rank;
  const [a, b] = [left.within, right.within];
  if (typeof a !== "string" || typeof b !== "string") return Number(a) - Number(b);
  return left.rank === TEXT_RANK ? collator.compare(a, b) : compareTexts(a, b);
}

function compareTexts(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Work of comparing two keys. */
const WORK_PER_COMPARISON = 10;
const WORK_PER_PLAIN_CHAR = 1;
const WORK_PER_CHAR = 3;

interface Sortable {
  readonly entry: Entry;
  readonly key: SortKey;
}

function sortable({ entry, key = null }: KeyedEntry, run: Run): Sortable {
  try {
    if (typeof key === "string") checkMarks(key);
    return { entry, key: sortKeyOf(key, (value) => identityOf(value, run)) };
  } catch (error) {
    return { entry: run.refuse(entry, error), key: NULL_KEY };
  }
}

/** Work of one key in each round of a sort, at worst: it is read once. */
function comparisonWork({ within }: SortKey): number {
  if (typeof within !== "string") return WORK_PER_COMPARISON;
  const perChar = isPlain(within) ? WORK_PER_PLAIN_CHAR : WORK_PER_CHAR;
  return WORK_PER_COMPARISON + within.length * perChar;
}

/**
 * Sorts entries: null, false, true, numbers, texts (by the collator), then everything else as JSON. Stable.
 * Entries on which `by` fails become null.
 */
export async function sortEntries(
  entries: readonly Entry[],
  by: Query | undefined,
  run: Run,
  collator: Intl.Collator,
  isDescending: boolean,
): Promise<Entry[]> {
  const rounds = Math.ceil(Math.log2(entries.length + 1));
  const list: Sortable[] = [];
  for (const keyed of await keyEntries(entries, by, run)) {
    const one = sortable(keyed, run);
    list.push(one);
    if (run.work(comparisonWork(one.key) * rounds)) await run.yieldToOthers();
  }
  const sign = isDescending ? -1 : 1;
  list.sort((a, b) => sign * compareKeys(a.key, b.key, collator));
  return list.map(({ entry }) => entry);
}
