// JMESPath's functions under a budget: each call is paid for before it runs. Functions whose cost cannot be
// priced (quadratic patterns, re-evaluated keys, `$'` in a replacement), or which the library gets wrong
// (numbers sorted as text, `max_by` of texts, a list that contains another, any further arguments of `merge`), are
// replaced by our own.
import {
  TYPE_EXPREF,
  type JSONValue,
  type RuntimeFunction,
  type TreeInterpreter,
} from "@jmespath-community/jmespath";
import { type Budget, CHARS_PER_STEP, MAX_MADE_CHARS, MAX_PARTS, QueryError } from "./budget";
import { decimalNumber } from "../../lib/decimal-number";
import { isObject } from "../../lib/is-object";
import { partsBetween, replacedParts } from "../../lib/parts-between";
import { setMember } from "../../lib/set-member";
import { reversedUnits, textOfUnits, unitsOf } from "../../lib/utf16";
import { compareCodePoints, spendTree } from "./values";

/** The library's type tag of an expression argument. */
export const TYPE_REFERENCE = TYPE_EXPREF;

type Visit = typeof TreeInterpreter.visit;
type Node = Parameters<Visit>[0];
type Value = Parameters<Visit>[1];

/** The part of the interpreter that functions use. */
interface Caller {
  readonly visit: (node: Node, value: Value) => Value;
  readonly spend: (steps: number) => void;
  readonly isEqual: (left: unknown, right: unknown) => boolean;
}

/** Characters of a search pattern up to which a search costs no more than reading the text. */
const FREE_PATTERN_CHARS = 64;
/** Comparisons of a sort that cost as much as one step: they are far cheaper than visiting a node. */
const COMPARISONS_PER_STEP = 4;

const textOf = (value: unknown) => (typeof value === "string" ? value : "");
const lengthOf = (value: unknown) => (Array.isArray(value) ? value.length : 0);

function readingCost(value: unknown): number {
  if (typeof value === "string") return Math.ceil(value.length / CHARS_PER_STEP);
  if (isObject(value)) return Object.keys(value).length;
  if (!Array.isArray(value)) return 1;
  let chars = 0;
  for (const item of value) chars += textOf(item).length;
  return Math.ceil((value.length + chars) / CHARS_PER_STEP);
}

function searchCost([text, pattern]: readonly unknown[]): number {
  const factor = Math.ceil(textOf(pattern).length / FREE_PATTERN_CHARS);
  return (textOf(text).length * factor) / CHARS_PER_STEP;
}

function joinCost([separator, list]: readonly unknown[]): number {
  return (lengthOf(list) * textOf(separator).length) / CHARS_PER_STEP;
}

type Price = (args: readonly unknown[], budget: Budget) => number;

const EXTRA_COST: ReadonlyMap<string, Price> = new Map<string, Price>([
  ["contains", searchCost],
  ["find_first", searchCost],
  ["find_last", searchCost],
  ["split", searchCost],
  ["replace", searchCost],
  ["join", joinCost],
  ["pad_left", ([, width]) => Number(width) / CHARS_PER_STEP],
  ["pad_right", ([, width]) => Number(width) / CHARS_PER_STEP],
  ["zip", (args) => lengthOf(args[0]) * args.length],
  [
    "to_string",
    ([value], budget) => {
      spendTree(value, budget);
      return 0;
    },
  ],
]);

/**
 * Pays for a call: for reading each argument, and for the most that this function may build besides its
 * result.
 */
export function callCost(name: string, args: readonly unknown[], budget: Budget): void {
  for (const arg of args) budget.spend(readingCost(arg));
  const extra = EXTRA_COST.get(name)?.(args, budget) ?? 0;
  // The function itself refuses a width that is no number.
  budget.spend(Number.isNaN(extra) ? 0 : Math.max(0, extra));
}

const isKey = (value: unknown): value is number | string =>
  typeof value === "number" || typeof value === "string";

function compareKeys(left: number | string, right: number | string): number {
  if (typeof left === "string" && typeof right === "string") return compareCodePoints(left, right);
  return Number(left) - Number(right);
}

/** Finds the key of an element; null where each is its own. */
type KeyOf = ((value: JSONValue) => unknown) | null;

/** The keys of elements, all numbers or all texts. */
interface Keys {
  readonly list: readonly (number | string)[];
  readonly chars: number;
}

/** The key of each element, evaluated once; where each is its own, the elements. */
function keysOf(list: readonly JSONValue[], keyOf: KeyOf, spend: Caller["spend"]): Keys {
  const keys: (number | string)[] = [];
  let chars = 0;
  let type: string | undefined;
  for (const value of list) {
    const key = keyOf === null ? value : keyOf(value);
    type ??= typeof key;
    if (!isKey(key) || typeof key !== type)
      throw new QueryError("query-failed", "Keys must be all numbers or all texts");
    chars += textOf(key).length;
    if (keyOf !== null) keys.push(key);
  }
  spend(chars / CHARS_PER_STEP);
  // Each was looked at.
  return { list: keyOf === null ? (list as (number | string)[]) : keys, chars };
}

function sortBy(list: readonly JSONValue[], keys: Keys, spend: Caller["spend"]): JSONValue[] {
  const rounds = Math.ceil(Math.log2(list.length + 1));
  spend((rounds * (list.length + keys.chars / CHARS_PER_STEP)) / COMPARISONS_PER_STEP);
  const at = (place: number) => keys.list[place] ?? 0;
  const places = [...list.keys()].sort((a, b) => compareKeys(at(a), at(b)));
  return places.map((place) => list[place] ?? null);
}

function extreme(list: readonly JSONValue[], { list: keys }: Keys, sign: 1 | -1): JSONValue {
  let best = 0;
  for (let at = 1; at < keys.length; at += 1)
    if (compareKeys(keys[at] ?? 0, keys[best] ?? 0) * sign > 0) best = at;
  return list[best] ?? null;
}

function trimEdges(text: string, chars: unknown, edges: { left: boolean; right: boolean }): string {
  const set = textOf(chars);
  const isTrimmed = (char: string) => (set === "" ? /[\s\u0085]/u.test(char) : set.includes(char));
  let start = 0;
  let end = text.length;
  while (edges.left && start < end && isTrimmed(text.charAt(start))) start += 1;
  while (edges.right && end > start && isTrimmed(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Literal replacement of the first `count` occurrences, or of all. */
function replaceText(args: readonly unknown[], spend: Caller["spend"]): string {
  const [text, search, by] = [textOf(args[0]), textOf(args[1]), textOf(args[2])];
  const count = args[3] ?? Infinity;
  if (typeof count !== "number" || count < 0) {
    throw new QueryError("query-failed", "replace() needs a count of 0 or more");
  }
  const most = Math.floor(count);
  let parts = 0;
  for (const _ of partsBetween(text, search)) parts += 1;
  const replaced = Math.min(parts - 1, most);
  spend(parts + (replaced * by.length) / CHARS_PER_STEP);
  const chars = text.length + replaced * (by.length - search.length);
  if (chars > MAX_MADE_CHARS)
    throw new QueryError(
      "query-too-large",
      `replace() would make over ${MAX_MADE_CHARS} characters`,
    );
  return textOfUnits(unitsOf(replacedParts(text, search, by, most), chars));
}

/** The parts of a text between separators; after so many, the rest. */
function splitText([text, separator, count = Infinity]: readonly unknown[]): string[] {
  if (typeof count !== "number" || count < 0 || Math.floor(count) !== count)
    throw new QueryError("query-failed", "split() needs a whole count of 0 or more");
  if (text === "" && separator === "") return [];
  const parts: string[] = [];
  for (const part of partsBetween(textOf(text), textOf(separator), count + 1))
    if (parts.push(part) > MAX_PARTS)
      throw new QueryError("query-too-large", `split() would make over ${MAX_PARTS} parts`);
  return parts;
}

/** The code points of a text, the last one first. */
const reverseText = (text: string) => textOfUnits(reversedUnits(text, text.length));

function groupBy(list: readonly JSONValue[], keyOf: (value: JSONValue) => unknown): JSONValue {
  const groups = new Map<string, JSONValue[]>();
  for (const value of list) {
    const key = keyOf(value);
    if (typeof key !== "string") throw new QueryError("query-failed", "group_by() needs text keys");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else group.push(value);
  }
  return Object.fromEntries(groups);
}

/** The number that a value is, or a text in decimal; else null. */
function numberOf(value: unknown): number | null {
  if (typeof value === "number") return value;
  const number = typeof value === "string" ? decimalNumber(value) : null;
  if (!Number.isNaN(number)) return number;
  throw new QueryError("query-failed", "to_number() of a number that a double cannot hold");
}

/** True for a text with another, or a list with an equal element. */
function contains(subject: unknown, sought: Value | undefined, isEqual: Caller["isEqual"]) {
  if (!Array.isArray(subject))
    return typeof sought === "string" && textOf(subject).includes(sought);
  const isScalar = typeof sought !== "object" || sought === null;
  return isScalar ? subject.includes(sought) : subject.some((one) => isEqual(one, sought));
}

/** The arguments of a function that takes any number of them, which the library checks by their first alone. */
function allOf<T>(args: readonly unknown[], is: (value: unknown) => value is T, needs: string) {
  if (args.every(is)) return args;
  throw new QueryError("query-failed", needs);
}

function merge(args: readonly unknown[]): JSONValue {
  const objects = allOf(args, isObject, "merge() needs objects");
  const merged: Record<string, JSONValue> = {};
  for (const one of objects)
    for (const name of Object.keys(one)) setMember(merged, name, one[name]);
  return merged;
}

function zip(args: readonly unknown[]): JSONValue {
  const lists = allOf(args, Array.isArray, "zip() needs lists");
  const length = Math.min(...lists.map((list) => list.length));
  return Array.from({ length }, (_, at) => lists.map((list) => list[at]));
}

const both = { left: true, right: true };

/** Functions that replace the library's. The library has checked the arguments against its own signatures. */
export function boundedFunctions({ visit, spend, isEqual }: Caller) {
  // By those signatures, the types of the arguments are known here.
  const list = (value: Value | undefined) => value as JSONValue[];
  const by = (node: Value | undefined) => (value: JSONValue) => visit(node as Node, value);
  const sorted = (items: readonly JSONValue[], keyOf: KeyOf) =>
    sortBy(items, keysOf(items, keyOf, spend), spend);
  const best = (items: readonly JSONValue[], keyOf: KeyOf, sign: 1 | -1) =>
    extreme(items, keysOf(items, keyOf, spend), sign);
  return {
    sort: ([items]) => sorted(list(items), null),
    sort_by: ([items, key]) => sorted(list(items), by(key)),
    max: ([items]) => best(list(items), null, 1),
    max_by: ([items, key]) => best(list(items), by(key), 1),
    min: ([items]) => best(list(items), null, -1),
    min_by: ([items, key]) => best(list(items), by(key), -1),
    contains: ([subject, sought]) => contains(subject, sought, isEqual),
    merge,
    zip,
    group_by: ([items, key]) => groupBy(list(items), by(key)),
    reverse: ([value]) =>
      typeof value === "string" ? reverseText(value) : list(value).toReversed(),
    replace: (args) => replaceText(args, spend),
    split: splitText,
    to_number: ([value]) => numberOf(value),
    trim: ([text, chars]) => trimEdges(textOf(text), chars, both),
    trim_left: ([text, chars]) => trimEdges(textOf(text), chars, { left: true, right: false }),
    trim_right: ([text, chars]) => trimEdges(textOf(text), chars, { left: false, right: true }),
  } satisfies Record<string, RuntimeFunction<Value[], JSONValue>>;
}
