// The query of an address: what is not known, or stands twice, is refused and named. An unknown filter that
// was ignored would answer with everything.
import * as v from "valibot";
import { editDistance } from "../lib/edit-distance";
import { HttpError } from "./problem";

/** What a route takes. */
export interface QueryRules {
  readonly schema: v.GenericSchema | undefined;
  /** Whether unknown parameters are ignored: trackers add theirs to pages, files and links. */
  readonly isLenient: boolean;
}

/** Characters of a name that are told and compared. */
const MAX_NAME_CHARACTERS = 100;

/**
 * The parameters of an address by their schema; undefined where there is none.
 *
 * @throws HttpError `malformed-request` for the first parameter that is unknown, repeated or does not fit
 */
export function readQuery(url: string, { schema, isLenient }: QueryRules): unknown {
  const known = namesIn(schema);
  const values = parametersOf(url, known, isLenient);
  if (schema === undefined) return undefined;
  // `?cursor=&limit=` is how forms send what was left empty.
  const filled = [...values].filter(([, value]) => value !== "");
  const result = v.safeParse(schema, Object.fromEntries(filled));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw refused(v.getDotPath(issue) ?? "", issue.message);
}

/** The known ones of an address. */
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

/** The first parameter that is given in an address, or undefined. */
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
