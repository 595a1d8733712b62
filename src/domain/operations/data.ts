// Operations on structured items: JSON, CSV, fields of objects, JMESPath, numbers. Objects are created by
// `Object.fromEntries`, which defines properties and never assigns them, so that a key such as `__proto__` is
// plain data.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { isJson } from "../../lib/is-json";
import { isLonger } from "../../lib/is-longer";
import { decimalNumber } from "../../lib/decimal-number";
import { isOfDoubles } from "../../lib/json-scan";
import { withParser } from "../../lib/with-parser";
import { csvOperation } from "./csv-table";
import { ItemError, overChars, wrongType } from "./errors";
import { MAX_PARAMETER_CHARS, MAX_TEXT_CHARS } from "./limits";
import { NOT_EXACT, round } from "./numbers";
import { itemOperation, type OperationDefinition, type Run, textOperation } from "./operation";
import { Text, wholeNumber } from "./parameters";
import type { Price } from "./price";
import { evaluateQuery, Expression, QUERY_PRICE } from "./queries";
import { isObject } from "../../lib/is-object";

/** Fields that one operation may name. */
const MAX_FIELDS = 100;

const Fields = v.pipe(v.array(Text), v.minLength(1), v.maxLength(MAX_FIELDS));

const PlainNames = v.record(
  v.pipe(v.string(), maxCharacters(MAX_PARAMETER_CHARS)),
  Text,
  "Expected an object",
);
const LongName = v.never(`A name has at most ${MAX_PARAMETER_CHARS} characters`);

/**
 * A record of new names by old ones. valibot's own record also accepts lists, and drops keys such as
 * `constructor`.
 */
const NewNames = withParser(PlainNames, (input, own) => {
  if (!isObject(input)) return own(null);
  const entries = Object.entries(input);
  // Further members are not read: the record is refused for having too many.
  const members = entries
    .slice(0, MAX_FIELDS)
    .map(([name]) => [name, isLonger(name, MAX_PARAMETER_CHARS) ? LongName : Text]);
  const result = own(input, v.object(Object.fromEntries(members)));
  if (result.typed)
    result.value = Object.fromEntries(entries.map(([name, to]) => [name, String(to)]));
  return result;
});

function parseJson(text: string, run: Run): unknown {
  const value = parseAny(text, run);
  if (isOfDoubles(text)) return value;
  throw new ItemError("invalid-value", NOT_EXACT);
}

const encoder = new TextEncoder();

/** The runs in which the parser has refused texts. V8 keeps these: further ones are looked at before. */
const refusing = new WeakSet<Run>();

function parseAny(text: string, run: Run): unknown {
  try {
    if (!refusing.has(run) || isJson(encoder.encode(text))) return JSON.parse(text);
  } catch {
    refusing.add(run);
  }
  // The parser's own message would quote the caller's text.
  throw new ItemError("invalid-value", "Not JSON");
}

/** Price of taking the fields of an object and putting them into another. */
const FIELD_PRICE: Price = { per_item: 200, per_character: 20 };

function objectOperation(apply: (item: Readonly<Record<string, unknown>>) => unknown) {
  return (item: unknown) => {
    if (!isObject(item)) throw wrongType("object", item);
    return apply(item);
  };
}

function rename(item: Readonly<Record<string, unknown>>, names: ReadonlyMap<string, string>) {
  const entries = Object.entries(item).map(
    ([key, value]) => [names.get(key) ?? key, value] as const,
  );
  const renamed = Object.fromEntries(entries);
  if (Object.keys(renamed).length === entries.length) return renamed;
  throw new ItemError("invalid-value", "Two fields would have one name, and a value would be lost");
}

/** Spaces by which the lines of indented JSON begin, all together. */
function indentation(value: unknown, indent: number, depth = 1): number {
  if (typeof value !== "object" || value === null) return 0;
  let spaces = indent * (depth - 1);
  for (const part of Object.values(value))
    spaces += indent * depth + indentation(part, indent, depth + 1);
  return spaces;
}

function toNumber(item: unknown): number {
  if (typeof item === "number") return item;
  if (typeof item === "boolean") return Number(item);
  if (typeof item !== "string") throw wrongType("number, text or boolean", item);
  const value = decimalNumber(item);
  if (value === null) throw new ItemError("invalid-value", "Not a number");
  if (Number.isNaN(value)) throw new ItemError("invalid-value", NOT_EXACT);
  return value;
}

/** All operations on structured items. */
export const dataOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "json_parse",
    summary: "The value that a JSON text stands for",
    price: { per_item: 600, per_character: 2 },
    parameters: {},
    example: { input: ['{"a": [1, 2]}', "true"], output: [{ a: [1, 2] }, true] },
    make: () => parseJson,
  }),
  itemOperation({
    name: "json_stringify",
    summary: "The item as JSON text",
    price: { per_item: 100, per_character: 2 },
    parameters: { indent: v.optional(wholeNumber(0, 8), 0) },
    example: { input: [{ a: [1, 2] }, "x"], output: ['{"a":[1,2]}', '"x"'] },
    make:
      ({ indent }) =>
      (item) => {
        // Indentation can outgrow memory; everything else is at most a few times as long as the item.
        const spaces = indent === 0 ? 0 : indentation(item, indent);
        if (spaces > MAX_TEXT_CHARS) throw overChars("The text", MAX_TEXT_CHARS);
        return JSON.stringify(item, null, indent);
      },
  }),
  csvOperation,
  itemOperation({
    name: "pick",
    summary: "Only these fields of an object, in this order",
    price: FIELD_PRICE,
    parameters: { fields: Fields },
    example: {
      parameters: { fields: ["c", "a"] },
      input: [{ a: 1, b: 2, c: 3 }],
      output: [{ c: 3, a: 1 }],
    },
    make: ({ fields }) =>
      objectOperation((item) =>
        Object.fromEntries(
          fields.filter((field) => Object.hasOwn(item, field)).map((field) => [field, item[field]]),
        ),
      ),
  }),
  itemOperation({
    name: "omit",
    summary: "All but these fields of an object",
    price: FIELD_PRICE,
    parameters: { fields: Fields },
    example: { parameters: { fields: ["b"] }, input: [{ a: 1, b: 2 }], output: [{ a: 1 }] },
    make: ({ fields }) => {
      const omitted = new Set(fields);
      return objectOperation((item) =>
        Object.fromEntries(Object.entries(item).filter(([key]) => !omitted.has(key))),
      );
    },
  }),
  itemOperation({
    name: "rename",
    summary:
      "Fields of an object under other names; a name that is taken fails, so that no value is lost",
    price: FIELD_PRICE,
    parameters: {
      fields: v.pipe(NewNames, v.maxEntries(MAX_FIELDS), v.description("New names by old names.")),
    },
    example: {
      parameters: { fields: { first_name: "name" } },
      input: [{ first_name: "Ada", age: 36 }],
      output: [{ name: "Ada", age: 36 }],
    },
    make: ({ fields }) => {
      const names = new Map(Object.entries(fields));
      return objectOperation((item) => rename(item, names));
    },
  }),
  itemOperation({
    name: "select",
    summary: "What a JMESPath expression finds in the item",
    price: QUERY_PRICE,
    parameters: { expression: Expression },
    example: {
      parameters: { expression: "people[?age > `18`].name" },
      input: [
        {
          people: [
            { name: "Ada", age: 36 },
            { name: "Bo", age: 9 },
          ],
        },
      ],
      output: [["Ada"]],
    },
    make:
      ({ expression }) =>
      (item, run) =>
        evaluateQuery(expression, item, run),
  }),
  itemOperation({
    name: "to_number",
    summary: "The number that a text or boolean stands for",
    price: { per_item: 200, per_character: 1 },
    parameters: {},
    example: { input: [" 1.5e3 ", "-7", true], output: [1500, -7, 1] },
    make: () => toNumber,
  }),
  itemOperation({
    name: "round",
    summary:
      "A number rounded, half away from zero, to decimal digits (negative: tens, hundreds, …)",
    parameters: { digits: v.optional(wholeNumber(-15, 15), 0) },
    example: { parameters: { digits: 2 }, input: [1.005, -2.345], output: [1.01, -2.35] },
    make:
      ({ digits }) =>
      (item) => {
        if (typeof item !== "number") throw wrongType("number", item);
        return round(item, digits);
      },
  }),
];
