// Parameters that are JMESPath expressions, and how a query is run inside an operation.
import * as v from "valibot";
import { compileQuery, type Query } from "../json-query";
import { MAX_QUERY_CHARS, QueryError } from "../json-query/budget";
import { ItemError } from "./errors";
import { WORK_PER_QUERY, WORK_PER_QUERY_STEP } from "./limits";
import type { Entry, Run } from "./operation";
import { canonicalJson, jsonChars } from "./values";

/** A JMESPath expression, compiled. */
export const Expression = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(MAX_QUERY_CHARS),
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

/** The result of a query on one item; a failing query is a fault of the item, reported as such. */
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
  /** Null where the query refused it. */
  readonly entry: Entry;
  /** Undefined where the query refused it. */
  readonly key: unknown;
}

/** Evaluates `by` on every entry (without it, the key is the value); those it fails on are refused. */
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

/** Work of writing a character of canonical JSON. */
const WORK_PER_IDENTITY_CHAR = 5;

/** An entry with what tells its key from others; undefined for one that has failed, be it here. */
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

/** One text for all equal JSON values, paid for. */
export function identityOf(value: unknown, run: Run): string {
  run.work(jsonChars(value) * WORK_PER_IDENTITY_CHAR);
  return canonicalJson(value);
}
