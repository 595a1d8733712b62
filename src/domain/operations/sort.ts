// Lists in order, each entry's key made once and paid for.
import type { Query } from "../json-query";
import { checkMarks, isPlain } from "./graphemes";
import type { Entry, Run } from "./operation";
import { identityOf, type KeyedEntry, keyEntries } from "./queries";

const TYPE_ORDER = ["null", "boolean", "number", "string", "object"];
const TEXT_RANK = TYPE_ORDER.indexOf("string");

/** What a value is sorted by: its place among the types, and its place within its type. */
interface SortKey {
  readonly rank: number;
  readonly within: unknown;
}

/** The key of `null`, before all others. */
const NULL_KEY: SortKey = { rank: 0, within: 0 };

/**
 * The key of a value in a total order: null, false, true, numbers, texts (by the collator), then the
 * rest by how `write` writes them.
 */
function sortKeyOf(value: unknown, write: (value: object) => string): SortKey {
  if (value === null) return NULL_KEY;
  // Written once, and not for each comparison.
  const within = typeof value === "object" ? write(value) : value;
  return { rank: TYPE_ORDER.indexOf(typeof value), within };
}

/** Compares two keys; negative when the left one comes first. */
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

/** Work of comparing two texts, and of each of their characters. */
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

/** What a key costs in each round of a sort at worst: it is read once. */
function comparisonWork({ within }: SortKey): number {
  if (typeof within !== "string") return WORK_PER_COMPARISON;
  const perChar = isPlain(within) ? WORK_PER_PLAIN_CHAR : WORK_PER_CHAR;
  return WORK_PER_COMPARISON + within.length * perChar;
}

/**
 * Entries in a total order: null, false, true, numbers, texts (by the collator), then the rest as JSON;
 * equal ones as they stood. Those that `by` fails on become null.
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
