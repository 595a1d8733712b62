// Truth, equality and order of JSON values by JMESPath's rules, each step priced, and a copier that makes a
// result plain JSON again.
import { isObject } from "../../lib/is-object";
import { type Budget, QueryError } from "./budget";

/** Levels of arrays and objects in a result, at most. */
const MAX_RESULT_DEPTH = 100;
/** Characters of a result as JSON (about), at most. */
const MAX_RESULT_CHARS = 4 * 1024 * 1024;

/** JMESPath's falsehood: `null`, `false`, `""`, `[]` and `{}`; zero is true. */
export function isFalse(value: unknown): boolean {
  if (value === null || value === undefined || value === false || value === "") return true;
  if (Array.isArray(value)) return value.length === 0;
  return isObject(value) && Object.keys(value).length === 0;
}

/**
 * Deep equality of JSON values. Each pair is paid for, since shared parts can make a tree far larger than
 * memory.
 */
export function deepEqual(left: unknown, right: unknown, budget: Budget): boolean {
  budget.spend(1);
  // Paid before comparing: two equal texts are read whole, unless they are the same string.
  if (typeof left === "string") budget.spendText(left.length);
  if (left === right) return true;
  if (Array.isArray(left) && Array.isArray(right)) {
    return (
      left.length === right.length && left.every((item, at) => deepEqual(item, right[at], budget))
    );
  }
  if (!isObject(left) || !isObject(right)) return false;
  const keys = Object.keys(left);
  budget.spend(keys.length);
  if (keys.length !== Object.keys(right).length) return false;
  return keys.every((key) => Object.hasOwn(right, key) && deepEqual(left[key], right[key], budget));
}

// Compares UTF-16 surrogates as the code points above U+FFFF that they encode, although their units are below
// U+E000.
const codePointRank = (unit: number) =>
  unit >= 0xd8_00 && unit <= 0xdf_ff ? unit + 0x1_00_00 : unit;

/** Compares texts by code point, as JMESPath sorts. */
export function compareCodePoints(left: string, right: string): number {
  const shorter = Math.min(left.length, right.length);
  for (let at = 0; at < shorter; at += 1) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}

/** Pays for writing a value as JSON; shared parts are paid for each time they occur. Refuses what JSON cannot write. */
export function spendTree(value: unknown, budget: Budget, depth = 0): void {
  if (depth > MAX_RESULT_DEPTH) throw tooDeep();
  budget.spend(1);
  if (typeof value === "string") budget.spendText(value.length);
  else if (typeof value === "number") finite(value);
  else if (Array.isArray(value)) for (const item of value) spendTree(item, budget, depth + 1);
  else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      budget.spendText(key.length);
      spendTree(item, budget, depth + 1);
    }
  }
}

const tooDeep = () =>
  new QueryError("query-too-large", `The result is nested deeper than ${MAX_RESULT_DEPTH} levels`);

/** A number that JSON can write; arithmetic can make others. */
function finite(value: number): number {
  if (Number.isFinite(value)) return value;
  throw new QueryError("query-failed", "The query makes a number that a double cannot hold");
}

/** Makes plain JSON of a raw result: what holds values that are not JSON is copied, with `null` in their place. */
export class ResultCopier {
  #chars = 0;
  readonly #budget: Budget;
  readonly #isForeign: (value: object) => boolean;

  constructor(budget: Budget, isForeign: (value: object) => boolean) {
    this.#budget = budget;
    this.#isForeign = isForeign;
  }

  /**
   * Returns a value as it is if it is JSON, otherwise a copy.
   *
   * @throws QueryError `query-too-large` over MAX_RESULT_CHARS or MAX_RESULT_DEPTH, `query-failed` for what JSON cannot
   *   write
   */
  copy(value: unknown, depth = 0): unknown {
    this.#budget.spend(1);
    if (depth > MAX_RESULT_DEPTH) throw tooDeep();
    if (typeof value === "string") return this.#count(value);
    this.#grow(4);
    if (typeof value === "boolean") return value;
    if (typeof value === "number") return finite(value);
    if (Array.isArray(value)) return this.#copyList(value, depth);
    if (!isObject(value) || this.#isForeign(value)) return null;
    return this.#copyObject(value, depth);
  }

  #copyList(list: readonly unknown[], depth: number): unknown {
    let copy: unknown[] | undefined;
    for (let at = 0; at < list.length; at += 1) {
      const item = this.copy(list[at], depth + 1);
      if (item !== list[at]) copy ??= [...list];
      if (copy !== undefined) copy[at] = item;
    }
    return copy ?? list;
  }

  #copyObject(object: Readonly<Record<string, unknown>>, depth: number): unknown {
    const changed = new Map<string, unknown>();
    for (const key of Object.keys(object)) {
      this.#count(key);
      const item = this.copy(object[key], depth + 1);
      if (item !== object[key]) changed.set(key, item);
    }
    if (changed.size === 0) return object;
    // `Object.fromEntries` defines properties, so a key `__proto__` stays plain data.
    return Object.fromEntries(
      Object.entries(object).map(([key, item]) => [
        key,
        changed.has(key) ? changed.get(key) : item,
      ]),
    );
  }

  #count(text: string): string {
    this.#grow(text.length + 3);
    return text;
  }

  #grow(chars: number): void {
    this.#chars += chars;
    if (this.#chars <= MAX_RESULT_CHARS) return;
    throw new QueryError("query-too-large", `The result is over ${MAX_RESULT_CHARS} characters`);
  }
}
