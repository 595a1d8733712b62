// Splits an expression of JMESPath into its tokens.
import { isOfDoubles } from "../../lib/json-scan";
import { QueryError } from "./budget";

const SPACE = /[ \t\n\r]*/y;
const TOKENS = {
  name: /[A-Za-z_][0-9A-Za-z_]*/y,
  quoted: /"(?:[^"\\]|\\[^])*"/y,
  raw: /'(?:[^'\\]|\\[^])*'/y,
  literal: /`(?:[^`\\]|\\[^])*`/y,
  number: /-?[0-9]+/y,
  sign: /\[\]|\[\?|\|\||&&|==|!=|<=|>=|[<>!|&.*[\](){},:@=]/y,
} as const;
/** A kind of token. */
export type Kind = keyof typeof TOKENS | "end";

/** A token of an expression. */
export interface Token {
  readonly kind: Kind;
  readonly text: string;
  /** Place in the expression, from 0. */
  readonly at: number;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/**
 * Refuses an expression.
 *
 * @param at place of the fault, from 0
 * @throws QueryError `invalid-query`
 */
export function refuse(at: number, why: string): never {
  throw new QueryError(
    "invalid-query",
    `Cannot parse the expression at character ${at + 1}: ${why}`,
  );
}

function tokenAt(expression: string, at: number): Token {
  if (at === expression.length) return { kind: "end", text: "", at };
  for (const [kind, pattern] of Object.entries(TOKENS)) {
    const text = matchAt(pattern, expression, at);
    // The entries of an object of known keys.
    if (text !== undefined) return { kind: kind as Kind, text, at };
  }
  return refuse(at, FAULTS[expression.charAt(at)] ?? "unknown character");
}

const OPEN = "a quote is not closed";
const FAULTS: Readonly<Record<string, string>> = {
  '"': OPEN,
  "'": OPEN,
  "`": OPEN,
  "-": 'a name with a hyphen is quoted, as "first-name"',
  $: "the item itself is @",
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A literal without escaped backticks: the library replaces the first escaped backtick of a literal only. */
export const withoutBackticks = (literal: string) =>
  `\`${literal.slice(1, -1).replaceAll("\\`", "\\u0060")}\``;

function checkJson({ kind, text, at }: Token): void {
  if (kind === "quoted" && !isJson(text)) refuse(at, "not a JSON string");
  if (kind !== "literal") return;
  const json = withoutBackticks(text).slice(1, -1);
  if (!isJson(json)) refuse(at, "not JSON between backticks; a text stands in '…'");
  if (!isOfDoubles(json)) refuse(at, "a number that a double cannot hold: write it as a text");
}

/** The tokens of an expression, with one for its end. */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  for (let at = 0; ;) {
    at += matchAt(SPACE, expression, at)?.length ?? 0;
    const token = tokenAt(expression, at);
    checkJson(token);
    tokens.push(token);
    if (token.kind === "end") return tokens;
    at += token.text.length;
  }
}
