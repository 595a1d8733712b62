// Operations that join the words of a text as programs write names.
import { lazyPattern } from "../../lib/lazy";
import { type OperationDefinition, textOperation } from "./operation";
import { OptionalLocale } from "./parameters";

/** Capitals of an abbreviation before another word, a word, capitals, or digits without a letter before them. */
const WORDS = lazyPattern(
  String.raw`\p{Lu}+(?=\p{Lu}[\p{Ll}\p{M}])|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{M}][\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}]*|[\p{Lu}\p{Lt}][\p{Lu}\p{Lt}\p{N}]*|\p{N}+`,
  "gu",
);
/** An apostrophe between letters joins them: `don't` is one word. */
const APOSTROPHE = lazyPattern(String.raw`(?<=\p{L})['\u2019](?=\p{L})`, "gu");

function wordsOf(text: string, locale: string): string[] {
  const words = text.normalize("NFC").replaceAll(APOSTROPHE(), "").match(WORDS()) ?? [];
  return words.map((word) => word.toLocaleLowerCase(locale));
}

function capitalize(word: string, locale: string): string {
  const first = String.fromCodePoint(word.codePointAt(0) ?? 0);
  return first.toLocaleUpperCase(locale) + word.slice(first.length);
}

function caseOperation(
  name: string,
  summary: string,
  output: readonly string[],
  join: (words: readonly string[], locale: string) => string,
) {
  return textOperation({
    name,
    summary,
    price: { per_item: 300, per_character: 20 },
    parameters: { locale: OptionalLocale },
    example: { input: ["Hello, big World", "HTTPServer error_code"], output },
    make:
      ({ locale }) =>
      (text) =>
        join(wordsOf(text, locale), locale),
  });
}

/** All operations that write names. */
export const caseOperations: readonly OperationDefinition[] = [
  caseOperation(
    "camel_case",
    "The words of a text as one name, later words capitalised: `camelCase`",
    ["helloBigWorld", "httpServerErrorCode"],
    (words, locale) =>
      words.map((word, at) => (at === 0 ? word : capitalize(word, locale))).join(""),
  ),
  caseOperation(
    "snake_case",
    "The words of a text in lower case, joined by `_`",
    ["hello_big_world", "http_server_error_code"],
    (words) => words.join("_"),
  ),
  caseOperation(
    "kebab_case",
    "The words of a text in lower case, joined by `-`",
    ["hello-big-world", "http-server-error-code"],
    (words) => words.join("-"),
  ),
];
