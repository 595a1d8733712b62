// The form of JSON Schema's keywords. The validator takes a schema as it is: a keyword of another form would be
// ignored, or throw where it is evaluated.
import { isObject } from "../../lib/is-object";

/** Finds the fault of a keyword's value; undefined if it has none. */
type Check = (value: unknown) => string | undefined;

const is =
  (what: string, test: (value: unknown) => boolean): Check =>
  (value) =>
    test(value) ? undefined : `is ${what}`;

const isText = (value: unknown) => typeof value === "string";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown) => Number.isInteger(value) && Number(value) >= 0;

const TYPES = new Set<unknown>("null boolean integer number string array object".split(" "));
const isType = (value: unknown) =>
  Array.isArray(value)
    ? value.length > 0 && value.every((one) => TYPES.has(one))
    : TYPES.has(value);

const text = is("a text", isText);
const count = is("a whole number from 0", isCount);
const number = is("a number", Number.isFinite);
const limit = is("a number, in draft 4 a boolean", (value) =>
  ["number", "boolean"].includes(typeof value),
);

const list =
  (each: Check): Check =>
  (value) =>
    Array.isArray(value) ? firstOf(value, each) : "is a list of schemas";

const map =
  (each: Check): Check =>
  (value) =>
    isObject(value) ? firstOf(Object.values(value), each) : "is an object";

const listOr =
  (each: Check, other: Check): Check =>
  (value) =>
    Array.isArray(value) ? each(value) : other(value);

function firstOf(values: readonly unknown[], each: Check): string | undefined {
  for (const value of values) {
    const fault = each(value);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const schema: Check = (value) => schemaShapeFault(value);
const texts = is("a list of texts", isTexts);
const schemas = list(schema);

/** The form of each keyword; those that are not named may have any. */
const KEYWORDS: ReadonlyMap<string, Check> = new Map(
  (
    [
      ["type", is("one of JSON Schema's seven types, or a list of them", isType)],
      ["enum", is("a list", Array.isArray)],
      ["required", texts],
      ["uniqueItems", is("a boolean", (value) => typeof value === "boolean")],
      [
        "multipleOf",
        is("a number above 0", (value) => Number.isFinite(value) && Number(value) > 0),
      ],
      ["items", listOr(schemas, schema)],
      ["dependencies", map(listOr(texts, schema))],
      ["dependentRequired", map(texts)],
      ["minimum maximum", number],
      ["exclusiveMinimum exclusiveMaximum", limit],
      ["pattern format $ref $schema $id $anchor $recursiveRef", text],
      ["minLength maxLength minItems maxItems minProperties maxProperties", count],
      ["minContains maxContains", count],
      ["allOf anyOf oneOf prefixItems", schemas],
      ["properties patternProperties $defs definitions dependentSchemas", map(schema)],
      ["not if then else contains propertyNames additionalItems additionalProperties", schema],
      ["unevaluatedItems unevaluatedProperties", schema],
    ] as const
  ).flatMap(([names, check]) => names.split(" ").map((name) => [name, check] as const)),
);

/** The first fault of the form of a schema's keywords; undefined if there is none. */
export function schemaShapeFault(value: unknown): string | undefined {
  if (typeof value === "boolean") return undefined;
  if (!isObject(value)) return "A schema is an object or a boolean";
  for (const [name, part] of Object.entries(value)) {
    if (name.startsWith("$dynamic")) return `"${name}" is not supported; $ref is`;
    const fault = KEYWORDS.get(name)?.(part);
    // A fault of a schema within names its own keyword.
    if (fault !== undefined) return fault.startsWith("is ") ? `"${name}" ${fault}` : fault;
  }
  return undefined;
}
