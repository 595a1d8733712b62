// Parameters that are JMESPath expressions, and their evaluation inside an operation.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { compileQuery, type Query } from "../json-query";
import { MAX_QUERY_CHARS, QueryError } from "../json-query/budget";
import { ItemError } from "./errors";
import { WORK_PER_QUERY, WORK_PER_QUERY_STEP } from "./limits";
import type { Entry, Run } from "./operation";
import { canonicalJson, jsonChars } from "./values";

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

/** Evaluates a query on one item. A query that fails is reported as a fault of the item. */
export function evaluateQuery(query: Query, item: unknown, run: Run): unknown {
  const before = run.queries.left;
  try {
    return query.evaluate(item, run.queries);
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    const code = error.code === "query-too-large" ? "too-large" : "invalid-value";
    throw new ItemError(code, error.message);
  } finally {
    run.work(WORK_PER_QUERY + (before - run.queries.left) * WORK_PER_QUERY_STEP);
  }
}

/** An entry with the value that it is sorted, grouped or compared by. */
export interface KeyedEntry {
  /** Null if the query failed on it. */
  readonly entry: Entry;
  /** Undefined if the query failed on it. */
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
  const measure = run.meter();
  const keyed: KeyedEntry[] = [];
  for (const entry of entries) {
    try {
      const key = evaluateQuery(by, entry.value, run);
      if (run.work(measure(key))) await run.yieldToOthers();
      keyed.push({ entry, key });
    } catch (error) {
      keyed.push({ entry: run.refuse(entry, error), key: undefined });
    }
  }
  return keyed;
}

/** Work of writing one character of canonical JSON. */
const WORK_PER_IDENTITY_CHAR = 5;

/**
 * An entry with a text that identifies its key; undefined for an entry that has failed before or fails here.
 */
export function identify(
  { entry, key }: KeyedEntry,
  run: Run,
): { readonly entry: Entry; readonly identity: string | undefined } {
  try {
    return { entry, identity: key === undefined ? undefined : identityOf(key, run) };
  } catch (error) {
    return { entry: run.refuse(entry, error), identity: undefined };
  }
}

/** A text that is the same for all equal JSON values. Counts its work. */
export function identityOf(value: unknown, run: Run): string {
  run.work(jsonChars(value) * WORK_PER_IDENTITY_CHAR);
  return canonicalJson(value);
}
