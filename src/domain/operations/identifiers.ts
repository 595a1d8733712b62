// Operations that join the words of a text as programs write names.
import { lazyPattern } from "../../lib/lazy";
import { normalized } from "./graphemes";
import { madeText } from "./made";
import { type OperationDefinition, textOperation } from "./operation";
import { OptionalLocale } from "./parameters";
import { capital } from "./titlecase";

/**
 * An abbreviation before another word, a word, capitals, or digits without a letter before them. Marks and joiners belong
 * to the letter before them.
 */
const WORDS = lazyPattern(
  String.raw`\p{Lu}[\p{Lu}\p{N}\p{M}\u200d]*(?=[\p{Lu}\p{Lt}]\p{M}*\p{Ll})|(?:[\p{Lu}\p{Lt}]\p{M}*)?[\p{Ll}\p{Lo}\p{Lm}][\p{Ll}\p{Lo}\p{Lm}\p{M}\p{N}\u200d]*|[\p{Lu}\p{Lt}][\p{Lu}\p{Lt}\p{N}\p{M}\u200d]*|\p{N}+`,
  "gu",
);
/**
 * An apostrophe between letters joins them: `don't` is one word. So does what is not seen, such as a soft hyphen, but the
 * space of no width and the non-joiner, which part words.
 */
const JOINS = lazyPattern(
  String.raw`(?<=\p{L})['\u2019](?=\p{L})|[\p{Default_Ignorable_Code_Point}--[\p{M}\u200b-\u200d]]`,
  "gv",
);

/** As much of a text as ends behind a word. */
const WHOLE_WORDS = lazyPattern(String.raw`^.*[^\p{L}\p{N}\p{M}\p{Cs}\u200d]`, "su");
/** Characters whose words are found at a time, unless a word is longer: less is in memory than with all words. */
const PART_CHARS = 4_096;

function* wordsOf(text: string, locale: string): Generator<string> {
  const plain = normalized(text, "NFC").replaceAll(JOINS(), "");
  let chars = PART_CHARS;
  for (let from = 0; from < plain.length;) {
    const slice = plain.slice(from, from + chars);
    const isLast = from + chars >= plain.length;
    const [part] = isLast ? [slice] : (WHOLE_WORDS().exec(slice) ?? []);
    chars = part === undefined ? 2 * chars : PART_CHARS;
    for (const word of part?.match(WORDS()) ?? []) yield word.toLocaleLowerCase(locale);
    from += part?.length ?? 0;
  }
}

/** The first word as it is, and each later one as it is written behind others. */
function* written(words: Iterable<string>, writeLater: (word: string) => string) {
  let isFirst = true;
  for (const word of words) {
    yield isFirst ? word : writeLater(word);
    isFirst = false;
  }
}

function capitalize(word: string, locale: string): string {
  const [first = ""] = word;
  return capital(first, locale) + word.slice(first.length);
}

function caseOperation(
  name: string,
  summary: string,
  output: readonly string[],
  writeLater: (word: string, locale: string) => string,
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
        madeText(
          written(wordsOf(text, locale), (word) => writeLater(word, locale)),
          text.length,
        ),
  });
}

/** All operations that write names. */
export const caseOperations: readonly OperationDefinition[] = [
  caseOperation(
    "camel_case",
    "The words of a text as one name, later words capitalised: `camelCase`",
    ["helloBigWorld", "httpServerErrorCode"],
    capitalize,
  ),
  caseOperation(
    "snake_case",
    "The words of a text in lower case, joined by `_`",
    ["hello_big_world", "http_server_error_code"],
    (word) => `_${word}`,
  ),
  caseOperation(
    "kebab_case",
    "The words of a text in lower case, joined by `-`",
    ["hello-big-world", "http-server-error-code"],
    (word) => `-${word}`,
  ),
];
