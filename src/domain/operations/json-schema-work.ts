// The work of evaluating JSON Schemas: a schema may list thousands of names, an item may hold as many members, and the
// validator looks at all of them whenever it evaluates the one on the other.
import type { Schema } from "@cfworker/json-schema";
import { ItemError } from "./errors";

/** Work of an evaluation, and of each name and value that its schema lists. */
export const WORK_PER_EVALUATION = 200;
export const WORK_PER_NAME = 100;
export const WORK_PER_VALUE = 10;
/** Work of each member of an object that is evaluated. */
export const WORK_PER_MEMBER = 200;
/** Work of an element that is looked at without an evaluation, and of a character that is counted. */
const WORK_PER_ELEMENT = 50;
const WORK_PER_CHARACTER = 1;
/** Elements of a list that are compared with each other. */
const MAX_UNIQUE = 1_000;

/** The longest text and the longest list of an item. */
export interface Longest {
  chars: number;
  elements: number;
}

/** Finds the longest parts of an item. */
export function longestOf(value: unknown, longest: Longest = { chars: 0, elements: 0 }): Longest {
  if (typeof value === "string") longest.chars = Math.max(longest.chars, value.length);
  if (typeof value !== "object" || value === null) return longest;
  if (Array.isArray(value)) longest.elements = Math.max(longest.elements, value.length);
  for (const part of Object.values(value)) longestOf(part, longest);
  return longest;
}

/** The work of one evaluation of a schema, without that of the schemas in it, on an item or a part of it. */
export function workOf(schema: Schema): (longest: Longest) => number {
  const { required, dependentRequired, dependencies } = schema;
  const values = [
    schema.type,
    schema.enum,
    schema.const,
    required,
    dependentRequired,
    dependencies,
  ];
  const maps = [schema.properties, schema.patternProperties, schema.dependentSchemas];
  const names = [...maps, dependentRequired, dependencies].flatMap((map) => Object.keys(map ?? {}));
  const listed = WORK_PER_VALUE * sizeOf(values) + WORK_PER_NAME * names.length;
  const isCounted = schema.minLength !== undefined || schema.maxLength !== undefined;
  const perChar = isCounted ? WORK_PER_CHARACTER : 0;
  // Those that are booleans are not evaluated: these go through the whole list, others end with the first element.
  const isEachSeen =
    [schema.items, schema.additionalItems, schema.unevaluatedItems].includes(true) ||
    typeof schema.contains === "boolean";
  const perElement = isEachSeen ? WORK_PER_ELEMENT : 0;
  return ({ chars, elements }) =>
    WORK_PER_EVALUATION + listed + chars * perChar + elements * perElement;
}

/** The values that a value holds, itself included; long texts count as several. */
function sizeOf(value: unknown, onList: (length: number, size: number) => void = () => {}): number {
  if (value === undefined) return 0;
  if (typeof value === "string") return 1 + Math.floor(value.length / 64);
  if (typeof value !== "object" || value === null) return 1;
  let size = 1;
  for (const part of Object.values(value)) size += sizeOf(part, onList);
  if (Array.isArray(value)) onList(value.length, size);
  return size;
}

/** Work of comparing the elements of an item's list with each other: that of the list which takes most. */
export function comparisonWork(item: unknown): number {
  let work = 0;
  sizeOf(item, (length, size) => {
    if (length > MAX_UNIQUE)
      throw new ItemError(
        "too-large",
        `A list has over ${MAX_UNIQUE} elements, too many to compare`,
      );
    work = Math.max(work, length * size);
  });
  return work;
}
