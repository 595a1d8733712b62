// Checks an expression against the grammar of JMESPath (jmespath.org), since the library's parser takes more:
// `a = 'b'`, an unclosed quote, `[ ]`, `[1-2]`, `first-name`. Such a slip would silently mean something else.
import { type Kind, refuse, type Token, tokensOf, withoutBackticks } from "./tokens";

/** Binding powers of what may follow an expression; anything else ends it. */
const POWERS: Readonly<Record<string, number>> = {
  "|": 1,
  "||": 3,
  "&&": 4,
  "==": 5,
  "!=": 5,
  "<": 5,
  "<=": 5,
  ">": 5,
  ">=": 5,
  "[]": 9,
  "[?": 21,
  ".": 40,
  "!": 45,
  "{": 50,
  "[": 55,
  "(": 60,
};
/** Binding power below which a token ends a projection. */
const PROJECTION_END = 10;

/**
 * Checks that an expression is in the grammar.
 *
 * @returns the expression as the library reads it rightly
 * @throws QueryError `invalid-query`, with the place
 */
export function checkGrammar(expression: string): string {
  const tokens = tokensOf(expression);
  new Recognizer(tokens).whole();
  return tokens
    .map(({ kind, text }) => (kind === "literal" ? withoutBackticks(text) : text))
    .join(" ");
}

/** Hints for signs that other languages use, and JMESPath does not. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["=", "to compare, write =="],
  ["and", "write &&"],
  ["or", "write ||"],
]);

/** Reads tokens by the grammar, as a Pratt parser does, and builds nothing. */
class Recognizer {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): void {
    this.#expression(0);
    if (this.#next.kind !== "end") this.#refuse();
  }

  get #next(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "", at: 0 };
  }

  #refuse(): never {
    const { kind, text, at } = this.#next;
    if (kind === "end") return refuse(at, "more is expected");
    return refuse(at, HINTS.get(text) ?? "not expected here");
  }

  #power(): number {
    const { kind, text } = this.#next;
    return kind === "sign" ? (POWERS[text] ?? 0) : 0;
  }

  /** True if the next token is this sign. */
  #is(sign: string): boolean {
    return this.#next.kind === "sign" && this.#next.text === sign;
  }

  /** Takes the next token if it is this sign. */
  #takes(sign: string): boolean {
    const isNext = this.#is(sign);
    if (isNext) this.#at += 1;
    return isNext;
  }

  #expect(sign: string): void {
    if (!this.#takes(sign)) this.#refuse();
  }

  #takesKind(kind: Kind): boolean {
    const isNext = this.#next.kind === kind;
    if (isNext) this.#at += 1;
    return isNext;
  }

  #expression(power: number): void {
    let isName = this.#start();
    while (power < this.#power()) {
      this.#continue(isName);
      isName = false;
    }
  }

  /** Reads the start of an expression. Returns true if it is a bare name, which may be that of a function. */
  #start(): boolean {
    const { kind, text } = this.#next;
    if (kind === "sign") {
      this.#startSign(text);
      return false;
    }
    if (kind === "number") refuse(this.#next.at, "numbers stand in backticks: `18`");
    if (kind === "end") this.#refuse();
    this.#at += 1;
    return kind === "name";
  }

  #startSign(sign: string): void {
    if (sign === "[") return this.#startBracket();
    const read = this.#starts[sign];
    if (read === undefined) this.#refuse();
    this.#at += 1;
    read();
  }

  readonly #starts: Readonly<Record<string, () => void>> = {
    "@": () => {},
    "!": () => this.#expression(45),
    "*": () => this.#projection(20),
    "[?": () => this.#filter(),
    "[]": () => this.#projection(9),
    "{": () => this.#hash(),
    "(": () => {
      this.#expression(0);
      this.#expect(")");
    },
  };

  #startBracket(): void {
    this.#at += 1;
    const after = this.#tokens[this.#at + 1];
    const isStar = this.#is("*") && after?.kind === "sign" && after.text === "]";
    if (isStar || this.#isIndex()) this.#index();
    else this.#list();
  }

  /** Reads what follows an expression: an operator and its other side, an index, arguments. */
  #continue(isName: boolean): void {
    const { text } = this.#next;
    const power = this.#power();
    this.#at += 1;
    if (text === ".") this.#dot();
    else if (text === "[") this.#index();
    else if (text === "[?") this.#filter();
    else if (text === "[]") this.#projection(9);
    else if (text === "(" && isName) this.#arguments();
    else if (text === "(" || text === "{" || text === "!") {
      this.#at -= 1;
      this.#refuse();
    } else this.#expression(power);
  }

  #dot(): void {
    if (this.#takes("*")) this.#projection(40);
    else this.#member(40);
  }

  /** Reads what may follow a dot. */
  #member(power: number): void {
    const { kind } = this.#next;
    if (this.#takes("[")) this.#list();
    else if (this.#takes("{")) this.#hash();
    else if (kind === "name" || kind === "quoted" || this.#is("*")) this.#expression(power);
    else this.#refuse();
  }

  #projection(power: number): void {
    if (this.#power() < PROJECTION_END) return;
    if (this.#is("[") || this.#is("[?")) this.#expression(power);
    else if (this.#takes(".")) this.#member(power);
    else this.#refuse();
  }

  #filter(): void {
    this.#expression(0);
    this.#expect("]");
    if (!this.#is("[]")) this.#projection(21);
  }

  #isIndex(): boolean {
    return this.#next.kind === "number" || this.#is(":");
  }

  /** Reads an index, a slice or a star, and the bracket after it. */
  #index(): void {
    let isProjection = this.#takes("*");
    if (!isProjection) {
      if (!this.#isIndex()) this.#refuse();
      this.#takesKind("number");
      for (let colons = 0; colons < 2 && this.#takes(":"); colons += 1) {
        isProjection = true;
        this.#takesKind("number");
      }
    }
    this.#expect("]");
    if (isProjection) this.#projection(20);
  }

  #list(): void {
    do this.#expression(0);
    while (this.#takes(","));
    this.#expect("]");
  }

  #hash(): void {
    do {
      if (!this.#takesKind("name") && !this.#takesKind("quoted")) this.#refuse();
      this.#expect(":");
      this.#expression(0);
    } while (this.#takes(","));
    this.#expect("}");
  }

  #arguments(): void {
    if (this.#takes(")")) return;
    do {
      this.#takes("&");
      this.#expression(0);
    } while (this.#takes(","));
    this.#expect(")");
  }
}
