// Operations on texts: case, spaces, order, length; by grapheme, and by locale where that matters.
import * as v from "valibot";
import { partsOfUnits, reversedUnits } from "../../lib/utf16";
import { wrongType } from "./errors";
import { eachGrapheme, graphemeCount, GRAPHEME_PRICE, normalized } from "./graphemes";
import { madeText, PIECE_CHARS } from "./made";
import { itemOperation, type OperationDefinition, type Run, textOperation } from "./operation";
import { DEFAULT_LOCALE, OptionalLocale } from "./parameters";
import type { Price } from "./price";
import type { Segment } from "./segmentation";
import { SLUG_PRICE, slugify } from "./slug";
import { titlecase } from "./titlecase";

/** Languages with rules of their own for the case of letters (Unicode's SpecialCasing, and ICU's). */
const CASED_APART = new Set(["az", "el", "hy", "hyw", "lt", "nl", "tr"]);

/** The locale, if case depends on it. Without one the platform is several times as fast. */
function caseLocale(locale: string): string | undefined {
  if (locale === DEFAULT_LOCALE) return undefined;
  return CASED_APART.has(new Intl.Locale(locale).language) ? locale : undefined;
}

const wordSegmenter = (locale: string) => new Intl.Segmenter(locale, { granularity: "word" });

/** Price of one call of the engine, which may need Unicode's tables. */
const NATIVE_PRICE: Price = { per_item: 25, per_character: 2 };
/** Price of splitting a text into words: each segment is expensive, and may be a single letter. */
const WORD_PRICE: Price = { per_item: 600, per_character: 40 };

function countWords(segments: Iterable<Segment>): number {
  let count = 0;
  for (const { isWordLike } of segments) if (isWordLike === true) count += 1;
  return count;
}

function lengthOf(item: unknown, run: Run): number {
  if (typeof item === "string") return graphemeCount(item, run);
  if (Array.isArray(item)) return item.length;
  throw wrongType("text or list", item);
}

/** Characters that are made at a time. */
const PART_CHARS = 8 * 1024;
const SPACES = /\s*/uy;

const collapse = (text: string) => text.replaceAll(/\s+/gu, " ");

/** A text in parts that end behind white space, if there is some, with each run of it as one space. */
function* collapsed(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    SPACES.lastIndex = Math.min(from + PART_CHARS, text.length);
    SPACES.test(text);
    yield collapse(text.slice(from, SPACES.lastIndex));
    from = SPACES.lastIndex;
  }
}

/** The graphemes of a text, the last one first, in parts. */
function* reversed(text: string, run: Run): Generator<string> {
  yield* partsOfUnits(reversedUnits(eachGrapheme(text, run), text.length));
}

/** All operations on texts. */
export const textOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "uppercase",
    summary: "Text in upper case",
    parameters: { locale: OptionalLocale },
    example: { parameters: { locale: "tr" }, input: ["izmir", "ü"], output: ["İZMİR", "Ü"] },
    price: NATIVE_PRICE,
    keepsSize: true,
    make: ({ locale: written }) => {
      const locale = caseLocale(written);
      if (locale === undefined) return (text) => text.toUpperCase();
      return (text) => text.toLocaleUpperCase(locale);
    },
  }),
  textOperation({
    name: "lowercase",
    summary: "Text in lower case",
    parameters: { locale: OptionalLocale },
    price: NATIVE_PRICE,
    keepsSize: true,
    example: { input: ["HELLO", "ÉTÉ"], output: ["hello", "été"] },
    make: ({ locale: written }) => {
      const locale = caseLocale(written);
      if (locale === undefined) return (text) => text.toLowerCase();
      return (text) => text.toLocaleLowerCase(locale);
    },
  }),
  textOperation({
    name: "titlecase",
    summary: "The first letter of every word in upper (title) case, the others in lower case",
    parameters: { locale: OptionalLocale },
    example: { input: ["hello WORLD, it's me"], output: ["Hello World, It's Me"] },
    price: { per_item: 800, per_character: 120 },
    keepsSize: true,
    make: ({ locale }) => {
      const words = wordSegmenter(locale);
      return (text, run) => madeText(titlecase(run.segments(words, text), locale), text.length);
    },
  }),
  textOperation({
    name: "reverse",
    summary: "Text back to front, by grapheme: no emoji or accent breaks",
    parameters: {},
    price: GRAPHEME_PRICE,
    keepsSize: true,
    example: { input: ["abc", "👩‍👩‍👧 é"], output: ["cba", "é 👩‍👩‍👧"] },
    make: () => (text, run) => madeText(reversed(text, run), text.length),
  }),
  textOperation({
    name: "trim",
    summary: "Text without white space at its ends",
    parameters: { side: v.optional(v.picklist(["both", "start", "end"]), "both") },
    price: NATIVE_PRICE,
    example: { input: ["  a b "], output: ["a b"] },
    make:
      ({ side }) =>
      (text) => {
        if (side === "both") return text.trim();
        return side === "start" ? text.trimStart() : text.trimEnd();
      },
  }),
  textOperation({
    name: "collapse_whitespace",
    summary: "Every run of white space becomes one space, none stays at the ends",
    parameters: {},
    example: { input: [" a \n\t b  c "], output: ["a b c"] },
    make: () => (text) =>
      text.length > PIECE_CHARS
        ? madeText(collapsed(text.trim()), text.length)
        : collapse(text).trim(),
  }),
  textOperation({
    name: "normalize",
    summary: "Text in a Unicode normalization form; at most 30 combining marks in a row",
    parameters: { form: v.optional(v.picklist(["NFC", "NFD", "NFKC", "NFKD"]), "NFC") },
    price: { per_item: 100, per_character: 9 },
    example: { parameters: { form: "NFKC" }, input: ["ﬁne", "Ⅳ"], output: ["fine", "IV"] },
    make:
      ({ form }) =>
      (text) =>
        normalized(text, form),
  }),
  textOperation({
    name: "slugify",
    summary:
      "Text as part of a URL: lower-case ASCII letters, digits and a separator; symbols but & and % part words; at most 10,000 characters",
    parameters: {
      separator: v.optional(v.picklist(["-", "_", "."]), "-"),
      locale: OptionalLocale,
    },
    example: {
      input: ["Crème Brûlée & Co.", "v1.2/Москва"],
      output: ["creme-brulee-and-co", "v1-2-moskva"],
    },
    price: SLUG_PRICE,
    make: ({ separator, locale }) => {
      const { language } = new Intl.Locale(locale);
      return (text, run) => slugify(text, separator, language, run);
    },
  }),
  itemOperation({
    name: "length",
    summary: "Graphemes of a text, or elements of a list",
    parameters: {},
    price: GRAPHEME_PRICE,
    example: { input: ["abc", "👩‍👩‍👧", ["a", "b"]], output: [3, 1, 2] },
    make: () => lengthOf,
  }),
  textOperation({
    name: "word_count",
    summary: "Words of a text, in any script",
    parameters: { locale: OptionalLocale },
    example: { input: ["Hello, big world!", "こんにちは世界"], output: [3, 2] },
    price: WORD_PRICE,
    make: ({ locale }) => {
      const words = wordSegmenter(locale);
      return (text, run) => countWords(run.segments(words, text));
    },
  }),
];
