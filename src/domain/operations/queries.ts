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

/** Takes an entry, failed if the query failed on it, and the value that it is sorted, grouped or compared by. */
type TakeKeyed = (entry: Entry, key: unknown) => void;

/**
 * Evaluates `by` on every entry, one after another, with pauses; without `by` the key is the value itself. Entries on
 * which it fails are reported.
 *
 * @param take called with each: what held both would take more memory than a small entry
 */
export async function eachKeyed(
  entries: readonly Entry[],
  by: Query | undefined,
  run: Run,
  take: TakeKeyed,
): Promise<void> {
  for (const entry of entries) {
    if (by === undefined) take(entry, entry.value);
    else takeKeyed(entry, by, run, take);
    if (run.work(QUERY_PRICE.per_item)) await run.pause();
  }
}

function takeKeyed(entry: Entry, by: Query, run: Run, take: TakeKeyed): void {
  if (entry.failed) return take(entry, null);
  let key: unknown;
  try {
    key = evaluateQuery(by, entry.value, run);
    run.hold(key);
  } catch (error) {
    return take(run.refuse(entry, error), null);
  }
  take(entry, key);
}

/**
 * Finds what makes entries the same, one after another: their value, or what `by` finds in it.
 *
 * @param take called with each, and with a value that is the same for all equal keys, for a `Set` or a `Map`
 */
export async function eachIdentified(
  entries: readonly Entry[],
  by: Query | undefined,
  run: Run,
  take: (entry: Entry, key: unknown, identity: unknown) => void,
): Promise<void> {
  const shapes = new Map<string, object>();
  await eachKeyed(entries, by, run, (entry, key) => {
    // A text, as any scalar, is its own identity: to write it as JSON would double its memory.
    if (typeof key !== "object" || key === null) return take(entry, key, key);
    const json = canonicalJson(key);
    run.work(IDENTITY_PRICE.per_item + 5 * json.length);
    const identity = shapes.get(json) ?? key;
    shapes.set(json, identity);
    take(entry, key, identity);
  });
}
