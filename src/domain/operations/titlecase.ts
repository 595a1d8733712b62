// Title case by Unicode's mapping.
import { lazyPattern } from "../../lib/lazy";

/** The letter of a lower-cased word that is capitalised; if a digit comes first, nothing changes. */
const FIRST = lazyPattern(String.raw`[\p{L}\p{N}]`, "u");
const FIRST_IN_DUTCH = lazyPattern(String.raw`ij|[\p{L}\p{N}]`, "u");
/** Letters with an upper case: the test is cheap, while asking for the upper case of any other takes long. */
const CASED = lazyPattern(String.raw`\p{CWU}`, "u");
/** Digraphs encoded as one character. The character before each has only its first letter in upper case. */
const DIGRAPHS = "ǆǉǌǳ";

function capital(letter: string, locale: string): string {
  if (letter === "ij") return "IJ";
  if (!CASED().test(letter)) return letter;
  if (DIGRAPHS.includes(letter)) return String.fromCharCode(letter.charCodeAt(0) - 1);
  // `ß` in upper case is SS, `ﬁ` is FI: only the first of these letters is capitalised.
  const upper = letter.toLocaleUpperCase(locale);
  if (upper.length <= letter.length) return upper;
  return upper.charAt(0) + upper.slice(1).toLocaleLowerCase(locale);
}

/** Capitalises the first letter of each word, and puts the others in lower case. */
export function titlecase(text: string, words: Intl.Segmenter, locale: string): string {
  const first = locale.startsWith("nl") ? FIRST_IN_DUTCH() : FIRST();
  const capitalize = (letter: string) => capital(letter, locale);
  let title = "";
  // Lower-cased as a whole, since a letter may depend on its place in the word, as `Σ` does.
  for (const { segment, isWordLike } of words.segment(text.toLocaleLowerCase(locale))) {
    title += isWordLike === true ? segment.replace(first, capitalize) : segment;
  }
  return title;
}
