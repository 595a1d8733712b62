// Operations with regular expressions of the caller's, in RE2's syntax (re2js): its automaton reads each
// character a bounded number of times, whatever the expression, while the platform's own may take for ever.
import { MatcherInput, type RE2JS } from "re2js";
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { compile, type Expression, patternsFault } from "./compiled-patterns";
import { ItemError, overChars } from "./errors";
import { MAX_TEXT_CHARS } from "./limits";
import { type OperationDefinition, type Run, textOperation } from "./operation";
import { Text } from "./parameters";
import type { Price } from "./price";

/** Matches of one text, at most. */
const MAX_MATCHES = 20_000;
/** Work of handing out a match. */
const WORK_PER_MATCH = 250;
/** Work of matching one text, at most, so that no text takes what is meant for all. */
const MAX_TEXT_WORK = 200_000_000;
/** Characters that are read between two looks at the work that is left. */
const READS = 4_096;
/** Characters that the platform's search for a literal reads in the time of one unit of work. */
const SEARCHED_PER_UNIT = 16;

const Pattern = v.pipe(Text, v.minLength(1), v.description("Regular expression in RE2's syntax."));
const Flags = v.optional(
  v.pipe(
    v.string(),
    maxCharacters(4),
    v.regex(/^[gims]*$/),
    v.description("i: any case. m: `^` and `$` at lines. s: `.` also for line ends. g is implied."),
  ),
  "",
);
const parameters = { pattern: Pattern, flags: Flags };

const PRICE: Price = {
  per_item: 500,
  per_character: 10,
  metered: `for each character that is read as often as matching needs it: the expression's instructions; for each match that is replaced or extracted: ${WORK_PER_MATCH}`,
};

function faultOf(expression: Expression) {
  const message = patternsFault([expression]);
  return message === undefined ? undefined : { parameter: "pattern", message };
}

/**
 * A text that counts how often it is read: to find all matches may mean to read it again for each of them,
 * which the length does not tell. A String object, as the library asks for one.
 */
class CountedText extends String {
  readonly #text: string;
  readonly #perRead: number;
  readonly #run: Run;
  #reads = 0;
  #work = 0;

  constructor(text: string, perRead: number, run: Run) {
    super(text);
    this.#text = text;
    this.#perRead = perRead;
    this.#run = run;
  }

  override charCodeAt(at: number): number {
    this.#reads += 1;
    if (this.#reads === READS) this.spend();
    return this.#text.charCodeAt(at);
  }

  override indexOf(part: string, from = 0): number {
    const at = this.#text.indexOf(part, from);
    this.#reads += ((at === -1 ? this.#text.length : at) - from) / SEARCHED_PER_UNIT;
    this.spend();
    return at;
  }

  /** Pays for what was read. */
  spend(): void {
    const units = Math.ceil(this.#reads * this.#perRead);
    this.#reads = 0;
    this.#work += units;
    if (this.#work > MAX_TEXT_WORK)
      throw new ItemError("too-large", "The expression takes too much work on this text");
    this.#run.spend(units);
  }
}

/** Units of work of a read by an automaton of states, which knows no groups. */
const AUTOMATON_READ = 8;

/** Tells if an expression matches anywhere in a text. Counts its work. */
export function isMatch(expression: Expression, text: string, run: Run): boolean {
  const re = compile(expression, run);
  const counted = new CountedText(text, AUTOMATON_READ, run);
  // The library takes any object that is a String.
  const isFound = re.test(counted as unknown as string);
  counted.spend();
  return isFound;
}

/** A match, whose groups are read where they are needed. */
type Match = ReturnType<RE2JS["matcher"]>;

/** Characters of a text in which no match is sought before it is known that there is one. */
const LONG_CHARS = 10_000;

function* matchesOf(expression: Expression, text: string, run: Run): Generator<Match> {
  // To find the places of groups takes ten times as long as to find none.
  if (text.length > LONG_CHARS && !isMatch(expression, text, run)) return;
  const re = compile(expression, run);
  const counted = new CountedText(text, re.programSize(), run);
  const matcher = re.matcher(MatcherInput.utf16(counted));
  for (let count = 0; matcher.find(); count += 1) {
    if (count === MAX_MATCHES)
      throw new ItemError("too-large", `More than ${MAX_MATCHES} matches in a text`);
    run.spend(WORK_PER_MATCH);
    yield matcher;
  }
  counted.spend();
}

/** `$1`, `${name}` or `$<name>`, `$&` or `$0` for all of it, `$$` for a dollar. */
const REFERENCE = /\$(?:(\d{1,2})|\{(\w+)\}|<(\w+)>|([&$]))/g;

function expand(replacement: string, match: Match): string {
  if (!replacement.includes("$")) return replacement;
  return replacement.replaceAll(
    REFERENCE,
    (all, number?: string, braced?: string, angled?: string, sign?: string) => {
      if (sign !== undefined) return sign === "$" ? "$" : (match.group(0) ?? "");
      const name = braced ?? angled;
      const value = name === undefined ? groupAt(match, number ?? "") : groupOf(match, name);
      return value === undefined ? all : (value ?? "");
    },
  );
}

/** The text of a group by its number or name, null for one that is not in the match; undefined if there is none. */
function groupOf(match: Match, name: string): string | null | undefined {
  if (/^\d+$/.test(name))
    return Number(name) <= match.groupCount() ? match.group(Number(name)) : undefined;
  const named = match.getNamedGroups();
  return Object.hasOwn(named, name) ? named[name] : undefined;
}

/** The text of a group by its number of one or two digits. Where there is no such group, the second digit is text. */
function groupAt(match: Match, digits: string): string | null | undefined {
  const value = groupOf(match, digits);
  if (value !== undefined || digits.length === 1) return value;
  const first = groupOf(match, digits.charAt(0));
  return first === undefined ? undefined : (first ?? "") + digits.charAt(1);
}

function replace(expression: Expression, text: string, replacement: string, run: Run): string {
  const parts: string[] = [];
  let [from, chars] = [0, 0];
  for (const match of matchesOf(expression, text, run)) {
    const [before, instead] = [text.slice(from, match.start()), expand(replacement, match)];
    chars += before.length + instead.length;
    if (chars > MAX_TEXT_CHARS) throw overChars("The text", MAX_TEXT_CHARS);
    parts.push(before, instead);
    from = match.end();
  }
  parts.push(text.slice(from));
  return parts.join("");
}

/** The value of each match: its text, its one group, its groups, or those with names. */
function* extract(expression: Expression, text: string, run: Run): Generator {
  const hasNames = Object.keys(compile(expression).namedGroups()).length > 0;
  for (const match of matchesOf(expression, text, run)) {
    const count = match.groupCount();
    if (hasNames) yield { ...match.getNamedGroups() };
    else if (count <= 1) yield match.group(count);
    else yield Array.from({ length: count }, (_, at) => match.group(at + 1));
  }
}

/** All operations with regular expressions. */
export const patternOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "regex_match",
    summary: "True if a regular expression (RE2's syntax) matches anywhere in a text",
    price: PRICE,
    parameters,
    check: faultOf,
    example: {
      parameters: { pattern: "^[a-z]+@", flags: "i" },
      input: ["Ada@example.com", "no address"],
      output: [true, false],
    },
    make: (expression) => (text, run) => isMatch(expression, text, run),
  }),
  textOperation({
    name: "regex_replace",
    summary: "Every match of a regular expression (RE2's syntax) replaced",
    price: PRICE,
    parameters: {
      ...parameters,
      replacement: v.optional(
        v.pipe(Text, v.description("`$1`, `${name}`: a group. `$&`: the match. `$$`: a dollar.")),
        "",
      ),
    },
    check: faultOf,
    example: {
      parameters: { pattern: "(\\w+)@(\\w+)", replacement: "$2: $1" },
      input: ["ada@home and bo@work"],
      output: ["home: ada and work: bo"],
    },
    make:
      ({ replacement, ...expression }) =>
      (text, run) =>
        replace(expression, text, replacement, run),
  }),
  textOperation({
    name: "regex_extract",
    summary:
      "All matches of a regular expression (RE2's syntax): their texts, their groups where it has any, or objects of its named groups",
    price: PRICE,
    parameters,
    check: faultOf,
    example: {
      parameters: { pattern: "(?P<key>\\w+)=(?P<value>\\w+)" },
      input: ["a=1, b=2"],
      output: [
        [
          { key: "a", value: "1" },
          { key: "b", value: "2" },
        ],
      ],
    },
    make: (expression) => (text, run) => extract(expression, text, run),
  }),
];
