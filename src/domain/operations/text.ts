// Texts as people write them: case, spaces, order, length. By grapheme, and by locale where it matters.
import slugifyText from "slugify";
import * as v from "valibot";
import { ItemError, wrongType } from "./errors";
import { graphemeCount, graphemes } from "./graphemes";
import { itemOperation, type OperationDefinition, textOperation } from "./operation";
import { OptionalLocale } from "./parameters";

/** The library builds a slug by repeated concatenation and replacement. */
const MAX_SLUG_INPUT_CHARS = 10_000;

const wordSegmenter = (locale: string) => new Intl.Segmenter(locale, { granularity: "word" });

function titlecase(text: string, words: Intl.Segmenter, locale: string): string {
  let title = "";
  for (const { segment, isWordLike } of words.segment(text)) {
    const first = isWordLike === true ? (graphemes(segment)[0] ?? "") : "";
    title += first.toLocaleUpperCase(locale);
    title += segment.slice(first.length).toLocaleLowerCase(locale);
  }
  return title;
}

// The library drops punctuation, which would join the words around it; it spells out `&` and `%`.
const WORD_BREAKS = /[^\p{L}\p{M}\p{N}\p{S}\s&%'’]+/gu;

function slugify(text: string, separator: string, locale: string): string {
  if (text.length > MAX_SLUG_INPUT_CHARS) {
    throw new ItemError(
      "too-large",
      `Slugs are made of at most ${MAX_SLUG_INPUT_CHARS} characters`,
    );
  }
  const language = new Intl.Locale(locale).language;
  const slug = slugifyText(text.replaceAll(WORD_BREAKS, " "), {
    lower: true,
    strict: true,
    locale: language,
  });
  return separator === "-" ? slug : slug.replaceAll("-", separator);
}

function countWords(text: string, words: Intl.Segmenter): number {
  let count = 0;
  for (const { isWordLike } of words.segment(text)) if (isWordLike === true) count += 1;
  return count;
}

function lengthOf(item: unknown): number {
  if (typeof item === "string") return graphemeCount(item);
  if (Array.isArray(item)) return item.length;
  throw wrongType("text or list", item);
}

/** The text family. */
export const textOperations: readonly OperationDefinition[] = [
  textOperation({
    name: "uppercase",
    summary: "Text in upper case",
    parameters: { locale: OptionalLocale },
    example: { parameters: { locale: "tr" }, input: ["izmir", "ü"], output: ["İZMİR", "Ü"] },
    make:
      ({ locale }) =>
      (text) =>
        text.toLocaleUpperCase(locale),
  }),
  textOperation({
    name: "lowercase",
    summary: "Text in lower case",
    parameters: { locale: OptionalLocale },
    example: { input: ["HELLO", "ÉTÉ"], output: ["hello", "été"] },
    make:
      ({ locale }) =>
      (text) =>
        text.toLocaleLowerCase(locale),
  }),
  textOperation({
    name: "titlecase",
    summary: "The first letter of every word in upper case, the others in lower case",
    parameters: { locale: OptionalLocale },
    example: { input: ["hello WORLD, it's me"], output: ["Hello World, It's Me"] },
    make: ({ locale }) => {
      const words = wordSegmenter(locale);
      return (text) => titlecase(text, words, locale);
    },
  }),
  textOperation({
    name: "reverse",
    summary: "Text back to front, by grapheme: no emoji or accent breaks",
    parameters: {},
    example: { input: ["abc", "👩‍👩‍👧 é"], output: ["cba", "é 👩‍👩‍👧"] },
    make: () => (text) => graphemes(text).toReversed().join(""),
  }),
  textOperation({
    name: "trim",
    summary: "Text without white space at its ends",
    parameters: { side: v.optional(v.picklist(["both", "start", "end"]), "both") },
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
    make: () => (text) => text.replaceAll(/\s+/gu, " ").trim(),
  }),
  textOperation({
    name: "normalize",
    summary: "Text in a Unicode normalization form",
    parameters: { form: v.optional(v.picklist(["NFC", "NFD", "NFKC", "NFKD"]), "NFC") },
    example: { parameters: { form: "NFKC" }, input: ["ﬁne", "Ⅳ"], output: ["fine", "IV"] },
    make:
      ({ form }) =>
      (text) =>
        text.normalize(form),
  }),
  textOperation({
    name: "slugify",
    summary: "Text as part of a URL: lower-case ASCII letters, digits and a separator",
    parameters: {
      separator: v.optional(v.picklist(["-", "_", "."]), "-"),
      locale: OptionalLocale,
    },
    example: {
      input: ["Crème Brûlée & Co.", "v1.2/Москва"],
      output: ["creme-brulee-and-co", "v1-2-moskva"],
    },
    make:
      ({ separator, locale }) =>
      (text) =>
        slugify(text, separator, locale),
  }),
  itemOperation({
    name: "length",
    summary: "Graphemes of a text, or elements of a list",
    parameters: {},
    example: { input: ["abc", "👩‍👩‍👧", ["a", "b"]], output: [3, 1, 2] },
    make: () => lengthOf,
  }),
  textOperation({
    name: "word_count",
    summary: "Words of a text, in any script",
    parameters: { locale: OptionalLocale },
    example: { input: ["Hello, big world!", "こんにちは世界"], output: [3, 2] },
    make: ({ locale }) => {
      const words = wordSegmenter(locale);
      return (text) => countWords(text, words);
    },
  }),
];
