// Operations that cut, pad, split and search texts. Searches are literal only: a caller's regular expression
// could run for ever.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { partsBetween, replacedParts } from "../../lib/parts-between";
import { eachGrapheme, graphemeCount, graphemes, GRAPHEME_PRICE } from "./graphemes";
import { madeText, PIECE_CHARS } from "./made";
import { type OperationDefinition, type Run, textOperation } from "./operation";
import { Text, wholeNumber } from "./parameters";

/** Graphemes to which a text may be cut or padded, at most. */
const MAX_WIDTH = 10_000;
/** Characters of an ellipsis or of a padding, at most. */
const MAX_FILL_CHARS = 20;

const Fill = v.pipe(v.string(), v.minLength(1), maxCharacters(MAX_FILL_CHARS));

function truncate(text: string, length: number, ellipsis: readonly string[], run: Run): string {
  // No splitting needed: a text has at most as many graphemes as code units.
  if (text.length <= length) return text;
  const parts: string[] = [];
  for (const part of eachGrapheme(text, run)) if (parts.push(part) > length) break;
  if (parts.length <= length) return text;
  const kept = Math.max(0, length - ellipsis.length);
  return [...parts.slice(0, kept), ...ellipsis.slice(0, length - kept)].join("");
}

/** The fill repeated and cut to `count` graphemes. */
function filler(fill: readonly string[], count: number): string {
  const whole = fill.join("").repeat(Math.floor(count / fill.length));
  return whole + fill.slice(0, count % fill.length).join("");
}

interface Padding {
  readonly length: number;
  readonly fill: readonly string[];
  readonly side: string;
}

function pad(text: string, { length, fill, side }: Padding, run: Run): string {
  const missing = length - graphemeCount(text, run);
  if (missing <= 0) return text;
  run.spend(Math.ceil((missing / fill.length) * fill.join("").length));
  if (side === "start") return filler(fill, missing) + text;
  if (side === "end") return text + filler(fill, missing);
  const before = Math.floor(missing / 2);
  return filler(fill, before) + text + filler(fill, missing - before);
}

/** Replaces a literal text by another. */
function replacer(search: string, replacement: string): (text: string) => unknown {
  const growth = Math.max(1, replacement.length / search.length);
  // As a text its dollars would have a meaning, and take seven times as long.
  const literal = () => replacement;
  return (text) => {
    const chars = text.length * growth;
    if (chars <= PIECE_CHARS) return text.replaceAll(search, literal);
    return madeText(replacedParts(text, search, replacement), chars);
  };
}

/** The graphemes of a text, at most so many: the last one keeps the rest. */
function* graphemesOf(text: string, run: Run, limit = Infinity): Generator<string> {
  let [from, count] = [0, 1];
  for (const grapheme of eachGrapheme(text, run)) {
    if (count === limit) return yield text.slice(from);
    yield grapheme;
    from += grapheme.length;
    count += 1;
  }
}

function split(text: string, separator: string, limit: number | undefined, run: Run): unknown {
  if (separator !== "" && limit === undefined && text.length <= PIECE_CHARS)
    return text.split(separator);
  return separator === "" ? graphemesOf(text, run, limit) : partsBetween(text, separator, limit);
}

/** All operations that cut, pad, split and search. */
export const layoutOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "truncate",
    summary: "Text of at most `length` graphemes, the ellipsis included",
    parameters: {
      length: wholeNumber(0, MAX_WIDTH),
      ellipsis: v.optional(v.pipe(v.string(), maxCharacters(MAX_FILL_CHARS)), "…"),
    },
    example: {
      parameters: { length: 6 },
      input: ["Serentak", "short"],
      output: ["Seren…", "short"],
    },
    price: GRAPHEME_PRICE,
    make: ({ length, ellipsis }) => {
      const tail = graphemes(ellipsis);
      return (text, run) => truncate(text, length, tail, run);
    },
  }),
  textOperation({
    name: "pad",
    summary: "Text of at least `length` graphemes, filled up at a side",
    parameters: {
      length: wholeNumber(0, MAX_WIDTH),
      with: v.optional(Fill, " "),
      side: v.optional(v.picklist(["start", "end", "both"]), "end"),
    },
    example: {
      parameters: { length: 3, with: "0", side: "start" },
      input: ["7", "1234"],
      output: ["007", "1234"],
    },
    price: { ...GRAPHEME_PRICE, metered: "1 for each character that is filled in" },
    make: ({ length, with: fill, side }) => {
      const padding = { length, fill: graphemes(fill), side };
      return (text, run) => pad(text, padding, run);
    },
  }),
  textOperation({
    name: "replace",
    summary: "Every occurrence of a literal text replaced",
    parameters: {
      search: v.pipe(Text, v.minLength(1)),
      replacement: v.optional(Text, ""),
    },
    example: {
      parameters: { search: ".", replacement: "-" },
      input: ["a.b.c"],
      output: ["a-b-c"],
    },
    make: ({ search, replacement }) => replacer(search, replacement),
  }),
  textOperation({
    name: "split",
    summary: "Text as a list of its parts; an empty separator splits by grapheme",
    parameters: {
      separator: v.optional(Text, ","),
      limit: v.optional(
        v.pipe(wholeNumber(1, MAX_WIDTH), v.description("Most parts; the last keeps the rest.")),
      ),
    },
    example: { input: ["a,b,c", ""], output: [["a", "b", "c"], [""]] },
    price: GRAPHEME_PRICE,
    make:
      ({ separator, limit }) =>
      (text, run) =>
        split(text, separator, limit, run),
  }),
];
