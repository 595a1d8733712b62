// Regular expressions of the caller's, compiled by RE2, which bounds what one of them compiles to, but by far more than
// a request may take: it may have a hundred, and all are compiled before any is counted.
import { RE2JS, RE2JSException } from "re2js";
import type { Run } from "./operation";
import { programEstimate } from "./pattern-size";

/** Work of compiling a character of an expression, and of each instruction that is made of it. */
const WORK_PER_COMPILED = 1_000;
const WORK_PER_MADE = 900;
/** Instructions of a compiled expression, at most: a request may have a hundred of them, compiled before it starts. */
const MAX_PROGRAM = 3_000;

const FLAGS: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

/** A regular expression as a caller writes it. */
export interface Expression {
  readonly pattern: string;
  readonly flags: string;
}

/** Expressions that are kept compiled, the latest last: a JSON Schema may use several for each item. */
const kept = new Map<string, RE2JS>();
const MAX_KEPT = 16;
/** Instructions of an expression that is kept beside others. */
const MAX_KEPT_PROGRAM = 500;
/** Bytes of states that each keeps of its automaton: they could be 8 MiB, the library's own bound. */
const AUTOMATON_BYTES = 512 * 1024;

/** Compiles an expression, and counts the work. Throws a RE2JSException for one that is none. */
export function compile(expression: Expression, run?: Run): RE2JS {
  const { pattern, flags } = expression;
  const key = keyOf(expression);
  const known = kept.get(key);
  const re = known ?? RE2JS.compile(pattern, bitsOf(flags));
  if (known === undefined) {
    run?.spend(WORK_PER_COMPILED * pattern.length + WORK_PER_MADE * re.programSize());
    const bytes = AUTOMATON_BYTES;
    Object.assign(re.re2().dfa, { maxMem: bytes, stateBudget: bytes, memBudget: bytes });
    if (re.programSize() > MAX_KEPT_PROGRAM) kept.clear();
  }
  kept.delete(key);
  kept.set(key, re);
  const [oldest = key] = kept.keys();
  if (kept.size > MAX_KEPT) kept.delete(oldest);
  return re;
}

const keyOf = ({ pattern, flags }: Expression) => `${flags}/${pattern}`;

function bitsOf(flags: string): number {
  let bits = 0;
  for (const flag of flags) bits |= FLAGS[flag] ?? 0;
  return bits;
}

/**
 * The fault of the first of some expressions that cannot be compiled, or with which all together are too large; undefined
 * if there is none.
 */
export function patternsFault(expressions: Iterable<Expression>): string | undefined {
  let size = 0;
  for (const expression of expressions) {
    const estimate = programEstimate(expression.pattern);
    // It may be over the size, where branches begin alike.
    if (estimate > 2 * MAX_PROGRAM) return tooLarge(estimate);
    try {
      size += compile(expression).programSize();
    } catch (error) {
      if (error instanceof RE2JSException) return `Not RE2: ${error.message.slice(0, 160)}`;
      throw error;
    }
    if (size > MAX_PROGRAM) return tooLarge(size);
  }
  return undefined;
}

const tooLarge = (size: number) => `Compiles to ${size} instructions, over ${MAX_PROGRAM}`;
