// Parses query strings. Unknown and repeated parameters are refused: an unknown filter that was ignored would
// return everything.
import * as v from "valibot";
import { editDistance } from "../lib/edit-distance";
import { HttpError } from "./problem";

/** The query parameters of a route. */
export interface QueryRules {
  readonly schema: v.GenericSchema | undefined;
  /** True to ignore unknown parameters, since trackers add theirs to links to pages and files. */
  readonly isLenient: boolean;
}

/** Characters of a parameter's name that are compared and quoted. */
const MAX_NAME_CHARACTERS = 100;

/**
 * Parses the query of a URL by a schema; undefined without a schema.
 *
 * @throws HttpError `malformed-request` for the first parameter that is unknown, repeated or invalid
 */
export function readQuery(url: string, { schema, isLenient }: QueryRules): unknown {
  // Nearly all requests that may have no query have none.
  if (schema === undefined && !url.includes("?")) return undefined;
  const known = namesIn(schema);
  const values = parametersOf(url, known, isLenient);
  if (schema === undefined) return undefined;
  // Forms send empty fields as `?cursor=&limit=`; these count as missing.
  const filled = [...values].filter(([, value]) => value !== "");
  const result = v.safeParse(schema, Object.fromEntries(filled));
  if (result.success) return result.output;
  // What was written wrongly is told before what is missing.
  const [first] = result.issues;
  const issue = result.issues.find(({ input }) => input !== undefined) ?? first;
  // The place within a list says nothing to whoever wrote `a,b`.
  const [name = ""] = (v.getDotPath(issue) ?? "").split(".");
  throw refused(name, issue.message);
}

/** The parameters of a URL that the schema knows. */
function parametersOf(url: string, known: readonly string[], isLenient: boolean) {
  const values = new Map<string, string>();
  if (!url.includes("?")) return values;
  for (const [name, value] of new URL(url).searchParams) {
    if (known.includes(name)) {
      if (values.has(name)) throw refused(name, "stands more than once");
      values.set(name, value);
    } else if (!isLenient) {
      throw refused(name, hintAt(name, known));
    }
  }
  return values;
}

/** The name of the first parameter in a URL, or undefined. */
export function firstParameter(url: string): string | undefined {
  return url.includes("?") ? new URL(url).searchParams.keys().next().value : undefined;
}

/** The refusal of a query parameter. */
export function refused(name: string, why: string): HttpError {
  const shown = name.slice(0, MAX_NAME_CHARACTERS).toWellFormed();
  return new HttpError("malformed-request", `Query parameter "${shown}": ${why}.`);
}

function namesIn(schema: v.GenericSchema | undefined): string[] {
  return schema !== undefined && "entries" in schema ? Object.keys(Object(schema.entries)) : [];
}

function hintAt(name: string, known: readonly string[]): string {
  const typed = name.slice(0, MAX_NAME_CHARACTERS);
  const [nearest] = known
    .map((candidate) => [candidate, editDistance(typed, candidate)] as const)
    .sort(([, one], [, other]) => one - other);
  return nearest === undefined
    ? "not known; there are none here"
    : `not known; the nearest one is "${nearest[0]}"`;
}
