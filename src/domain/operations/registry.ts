// Operations by name. Those on texts are loaded at the start; every other family is loaded when one of its
// names is first met, so that an isolate that never needs it, nor its library, starts faster.
import { editDistance } from "../../lib/edit-distance";
import { MAX_STEPS } from "./limits";
import type { OperationDefinition } from "./operation";
import { textOperations } from "./text";

/** A family of operations: what they are called, and where they are. */
interface Family {
  /** Separated by spaces. A test compares them with the definitions. */
  readonly names: string;
  readonly load: () => Promise<readonly OperationDefinition[]>;
}

/** All families but that of texts. To add an operation, add its name here, and its definition to the family's file. */
export const FAMILIES = {
  identifiers: {
    names: "camel_case snake_case kebab_case",
    load: async () => (await import("./identifiers")).caseOperations,
  },
  layout: {
    names: "truncate pad replace split",
    load: async () => (await import("./layout")).layoutOperations,
  },
  encoding: {
    names: "base64_encode base64_decode hex_encode hex_decode url_encode url_decode",
    load: async () => (await import("./encoding")).encodingOperations,
  },
  markup: {
    names: "html_escape html_unescape strip_html",
    load: async () => (await import("./markup")).markupOperations,
  },
  hash: {
    names: "sha1 sha256 sha512 hmac crc32 uuid",
    load: async () => (await import("./hash")).hashOperations,
  },
  data: {
    names: "json_parse json_stringify csv_parse pick omit rename select to_number round",
    load: async () => (await import("./data")).dataOperations,
  },
  extract: {
    names: "extract_emails extract_urls extract_numbers",
    load: async () => (await import("./extract")).extractOperations,
  },
  list: {
    names: "unique sort filter flatten chunk take skip top sample shuffle lookup",
    load: async () => (await import("./list")).listOperations,
  },
  summary: {
    names: "count sum statistics histogram frequency group_by summarize join",
    load: async () => (await import("./summary")).summaryOperations,
  },
  dates: {
    names: "date_parse date_format date_add date_diff",
    load: async () => (await import("./dates")).dateOperations,
  },
  patterns: {
    names: "regex_match regex_replace regex_extract",
    load: async () => (await import("./patterns")).patternOperations,
  },
  templates: {
    names: "template",
    load: async () => (await import("./templates")).templateOperations,
  },
  urls: {
    names: "url_parse query_parse",
    load: async () => (await import("./urls")).urlOperations,
  },
  numbers: {
    names: "number_format",
    load: async () => (await import("./number-format")).numberOperations,
  },
  validation: {
    names: "validate",
    load: async () => (await import("./validation")).validationOperations,
  },
} as const satisfies Record<string, Family>;

/** The name of a family of operations. */
export type FamilyName = "text" | keyof typeof FAMILIES;

/** The names of all families. */
export const FAMILY_NAMES: readonly string[] = ["text", ...Object.keys(FAMILIES)];

const known = new Map(textOperations.map((operation) => [operation.name, operation]));
const familyByName = new Map(
  Object.values(FAMILIES).flatMap((family: Family) =>
    family.names.split(" ").map((name) => [name, family] as const),
  ),
);

/** Names of operations that exist, loaded or not. */
const allNames = () => [...new Set([...known.keys(), ...familyByName.keys()])];

/**
 * Loads the families that are needed to parse these operations. Returns undefined if nothing must be awaited,
 * as is nearly always so: an `await` costs more than the lookup.
 *
 * @param written an operation or a list of them, valid or not
 */
export function loadOperations(written: unknown): Promise<void> | undefined {
  // Nearly all are one name that is known.
  if (typeof written === "string" && known.has(written)) return undefined;
  const missing = namesIn(written).filter((name) => !known.has(name));
  const families = new Set(missing.flatMap((name) => familyByName.get(name) ?? []));
  return families.size === 0 ? undefined : loadFamilies(families);
}

async function loadFamilies(families: Iterable<Family>): Promise<void> {
  const loading = Array.from(families, ({ load }) => load());
  for (const operation of (await Promise.all(loading)).flat()) known.set(operation.name, operation);
}

/**
 * The names in an operation, in the steps of a pipeline, in several of these, or in a list of all that. Overlong
 * lists are skipped: parsing refuses them.
 */
function namesIn(written: unknown, levels = 3): string[] {
  if (Array.isArray(written) && levels > 0)
    return written.slice(0, MAX_STEPS).flatMap((part) => namesIn(part, levels - 1));
  const name: unknown = typeof written === "object" ? Object(written).name : written;
  return typeof name === "string" ? [name] : [];
}

/**
 * Finds an operation by name.
 *
 * @throws TypeError for the name of an operation that is not loaded, since `loadOperations` was not called
 */
export function findOperation(name: string): OperationDefinition | undefined {
  const operation = known.get(name);
  if (operation === undefined && familyByName.has(name))
    throw new TypeError("Operations must be loaded before they are read");
  return operation;
}

/** The family of an operation. */
export function familyOf(name: string): FamilyName {
  const found = Object.entries(FAMILIES).find(([, { names }]) => names.split(" ").includes(name));
  // The entries of an object of known keys.
  return (found?.[0] ?? "text") as FamilyName;
}

/** The names of the parameters that an operation requires. */
export function requiredParameters({ parameters }: OperationDefinition): string[] {
  return Object.entries(parameters)
    .filter(([, schema]) => schema.type !== "optional")
    .map(([name]) => name);
}

/** Characters of the longest name that is compared with the known ones and quoted in the message. */
const MAX_QUOTED_CHARS = 40;
/** Characters of a name for each edit by which it may differ from a suggested one, up to MAX_EDITS. */
const CHARS_PER_EDIT = 3;
const MAX_EDITS = 3;
const MAX_SUGGESTIONS = 3;

/** The edits by which a written name differs from a known one. Its beginning alone is near it: `slug` is no `sum`. */
const editsBetween = (spelt: string, name: string) =>
  name.startsWith(spelt) ? 1 : editDistance(spelt, name);

/** The message for an unknown name, with the nearest known names. */
export function unknownOperation(name: string): string {
  const quoted = name.slice(0, MAX_QUOTED_CHARS);
  const spelt = quoted.toLowerCase().replaceAll(/[\s-]+/g, "_");
  const close = allNames()
    .map((candidate) => ({ name: candidate, edits: editsBetween(spelt, candidate) }))
    .filter(({ edits }) => edits <= Math.min(MAX_EDITS, Math.ceil(quoted.length / CHARS_PER_EDIT)))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, MAX_SUGGESTIONS)
    .map((suggestion) => suggestion.name);
  const hint =
    close.length > 0 ? `did you mean ${close.join(", ")}?` : "GET /process-data?q= searches them";
  return `Unknown operation "${quoted}": ${hint}`;
}
