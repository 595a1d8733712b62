// Schemas of parameters that several operations share, and how a query is run inside an operation.
import * as v from "valibot";
import { compileQuery, MAX_QUERY_CHARS, type Query, QueryError } from "../json-query";
import { ItemError } from "./errors";
import { MAX_ITEMS, MAX_KEY_CHARS, MAX_PARAMETER_CHARS } from "./limits";
import type { Entry, Run } from "./operation";
import { jsonChars } from "./values";

/** Longest language tag (RFC 5646 recommends room for 35 characters). */
const MAX_LOCALE_CHARS = 35;

/** Case and order of texts where the caller names no locale: the same on every machine. */
const DEFAULT_LOCALE = "en";

/** A BCP 47 language tag, in canonical form. */
const Locale = v.pipe(
  v.string(),
  v.minLength(1),
  v.maxLength(MAX_LOCALE_CHARS),
  v.description("BCP 47 language tag, e.g. `tr`."),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return Intl.getCanonicalLocales(dataset.value)[0] ?? DEFAULT_LOCALE;
    } catch {
      addIssue({ message: "Not a BCP 47 language tag" });
      return NEVER;
    }
  }),
);

/** The optional `locale`, with its default. */
export const OptionalLocale = v.optional(Locale, DEFAULT_LOCALE);

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

/** A short text. */
export const Text = v.pipe(v.string(), v.maxLength(MAX_PARAMETER_CHARS));

/** A whole number from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  return v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));
}

/** A number of items. */
export const ItemCount = wholeNumber(0, MAX_ITEMS);

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
    run.work(before - run.queries.left);
  }
}

/** An entry with the value that it is sorted, grouped or compared by. */
export interface KeyedEntry {
  readonly entry: Entry;
  readonly key: unknown;
}

function keyOf(by: Query, entry: Entry, run: Run): unknown {
  const key = evaluateQuery(by, entry.value, run);
  if (jsonChars(key) <= MAX_KEY_CHARS) return key;
  throw new ItemError("too-large", `A key is at most ${MAX_KEY_CHARS} characters`);
}

/** Evaluates `by` on every entry (without it, the key is the value), leaving out and reporting those it fails on. */
export async function keyEntries(
  entries: readonly Entry[],
  by: Query | undefined,
  run: Run,
): Promise<KeyedEntry[]> {
  if (by === undefined) return entries.map((entry) => ({ entry, key: entry.value }));
  const keyed: KeyedEntry[] = [];
  for (const entry of entries) {
    try {
      keyed.push({ entry, key: keyOf(by, entry, run) });
    } catch (error) {
      if (!(error instanceof ItemError)) throw error;
      run.report(entry, error);
    }
    if (run.work(1)) await run.pause();
  }
  return keyed;
}
