// Parameters that are JMESPath expressions, and their evaluation inside an operation.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { compileQuery, type Query } from "../json-query";
import { Budget, MAX_QUERY_CHARS, MAX_QUERY_STEPS, QueryError } from "../json-query/budget";
import { type Entries, FAILED } from "./entries";
import { ItemError } from "./errors";
import { WORK_PER_QUERY_STEP } from "./limits";
import type { Run } from "./operation";
import type { Price } from "./price";
import { canonicalJson } from "../../lib/canonical-json";

/** A parameter that is a JMESPath expression, compiled. */
export const Expression = v.pipe(
  v.string(),
  v.minLength(1),
  maxCharacters(MAX_QUERY_CHARS),
  v.description(
    "JMESPath expression (jmespath.org), applied to each item (`@`). Texts stand in `''`, numbers in backticks.",
  ),
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

/** Steps of a query from which on what they make lives for long. */
const LONG_QUERY_STEPS = 10_000;
/** Bytes that a step of a query makes at most, about. */
const BYTES_PER_STEP = 32;

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
    const steps = MAX_QUERY_STEPS - budget.left;
    run.spend(steps * WORK_PER_QUERY_STEP);
    if (steps > LONG_QUERY_STEPS) run.keep(steps * BYTES_PER_STEP);
  }
}

/** Takes the place of an entry and what it is sorted, grouped or compared by: `FAILED` if it has failed, now or before. */
type TakeKeyed = (at: number, key: unknown) => void;

/**
 * Evaluates `by` on every entry, one after another, with pauses; without `by` the key is the value itself. Entries on
 * which it fails are reported.
 *
 * @param take called with each: what held both would take more memory than a small entry
 */
export async function eachKeyed(
  entries: Entries,
  by: Query | undefined,
  run: Run,
  take: TakeKeyed,
): Promise<void> {
  const find = (value: unknown) => {
    if (by === undefined) return value;
    const key = evaluateQuery(by, value, run);
    run.hold(key);
    return key;
  };
  for (let at = 0; at < entries.length; at += 1) {
    take(at, entries.try(at, find, run));
    if (run.work(QUERY_PRICE.per_item)) await run.pause();
  }
}

/** Bytes that the JSON of a key takes besides its characters. */
const SHAPE_BYTES = 80;

/**
 * Finds what makes entries the same, one after another: their value, or what `by` finds in it.
 *
 * @param take called with each that has not failed, and with its key, of equal ones always the first: for a `Set` or a `Map`
 */
export async function eachIdentified(
  entries: Entries,
  by: Query | undefined,
  run: Run,
  take: TakeKeyed,
): Promise<void> {
  const shapes = new Map<string, object>();
  await eachKeyed(entries, by, run, (at, key) => {
    if (key === FAILED) return;
    // A text, as any scalar, is its own identity: to write it as JSON would double its memory.
    if (typeof key !== "object" || key === null) return take(at, key);
    const json = canonicalJson(key);
    run.work(IDENTITY_PRICE.per_item + 5 * json.length);
    const known = shapes.get(json);
    if (known === undefined) {
      shapes.set(json, key);
      run.keep(SHAPE_BYTES + 2 * json.length);
    }
    take(at, known ?? key);
  });
}
