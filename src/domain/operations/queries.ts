// Parameters that are JMESPath expressions, and their evaluation inside an operation.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { compileQuery, type Query } from "../json-query";
import { Budget, MAX_QUERY_CHARS, MAX_QUERY_STEPS, QueryError } from "../json-query/budget";
import { ItemError } from "./errors";
import { WORK_PER_QUERY_STEP } from "./limits";
import type { Entry, Run } from "./operation";
import type { Price } from "./price";
import { canonicalJson } from "../../lib/canonical-json";

/** A parameter that is a JMESPath expression, compiled. */
export const Expression = v.pipe(
  v.string(),
  v.minLength(1),
  maxCharacters(MAX_QUERY_CHARS),
  v.description("JMESPath expression (jmespath.site), applied to each item."),
  v.rawTransform(({ dataset, addIssue, NEVER }): Query => {
    try {
      return compileQuery(dataset.value);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      addIssue({ message: error.message });
      return NEVER;
    }
  }),
);

/** Price of an operation that evaluates an expression on each item. */
export const QUERY_PRICE: Price = {
  per_item: 200,
  per_character: 1,
  metered: `${WORK_PER_QUERY_STEP} for each step that a JMESPath expression takes`,
};
/** Price of an operation that compares items by all they hold, or by an expression. */
export const IDENTITY_PRICE: Price = { ...QUERY_PRICE, per_character: 6 };

/**
 * Evaluates a query on one item, within the same bound for each item, whatever others took. A query that fails
 * is reported as a fault of the item.
 */
export function evaluateQuery(query: Query, item: unknown, run: Run): unknown {
  const budget = new Budget(MAX_QUERY_STEPS);
  try {
    return query.evaluate(item, budget);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const code = error.code === "query-too-large" ? "too-large" : "invalid-value";
    throw new ItemError(code, error.message);
  } finally {
    run.spend((MAX_QUERY_STEPS - budget.left) * WORK_PER_QUERY_STEP);
  }
}

/** An entry with the value that it is sorted, grouped or compared by. */
export interface KeyedEntry {
  /** Failed if the query failed on it. */
  readonly entry: Entry;
  readonly key: unknown;
}

/**
 * Evaluates `by` on every entry; without `by` the key is the value itself. Entries on which it fails are
 * reported.
 */
export async function keyEntries(
  entries: readonly Entry[],
  by: Query | undefined,
  run: Run,
): Promise<KeyedEntry[]> {
  if (by === undefined) return entries.map((entry) => ({ entry, key: entry.value }));
  const keyed: KeyedEntry[] = [];
  for (const entry of entries) {
    keyed.push(keyEntry(entry, by, run));
    if (run.work(QUERY_PRICE.per_item)) await run.pause();
  }
  return keyed;
}

function keyEntry(entry: Entry, by: Query, run: Run): KeyedEntry {
  if (entry.failed) return { entry, key: null };
  try {
    const key = evaluateQuery(by, entry.value, run);
    run.hold(key);
    return { entry, key };
  } catch (error) {
    return { entry: run.refuse(entry, error), key: null };
  }
}

/** An entry with a text that is the same for all equal keys. */
interface Identified extends KeyedEntry {
  /** Undefined for an entry that has failed. */
  readonly identity: string | undefined;
}

/** Finds what makes entries the same: their value, or what `by` finds in it. */
export async function identify(
  entries: readonly Entry[],
  by: Query | undefined,
  run: Run,
): Promise<Identified[]> {
  const found: Identified[] = [];
  for (const keyed of await keyEntries(entries, by, run)) {
    const identity = keyed.entry.failed ? undefined : canonicalJson(keyed.key);
    found.push({ ...keyed, identity });
    if (run.work(IDENTITY_PRICE.per_item + 5 * (identity?.length ?? 0))) await run.pause();
  }
  return found;
}
