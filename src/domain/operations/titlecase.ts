// Words with a capital, as Unicode's titlecase mapping has them.
import { lazyPattern } from "../../lib/lazy";

/** What of a word in lower case is put in upper case; where a digit comes first, nothing changes. */
const FIRST = lazyPattern(String.raw`[\p{L}\p{N}]`, "u");
const FIRST_IN_DUTCH = lazyPattern(String.raw`ij|[\p{L}\p{N}]`, "u");
/** Asking for the upper case of any other takes long. */
const CASED = lazyPattern(String.raw`\p{CWU}`, "u");
/** Two letters in one; the character before each has the first of them in upper case. */
const DIGRAPHS = "ǆǉǌǳ";

function capital(letter: string, locale: string): string {
  if (letter === "ij") return "IJ";
  if (!CASED().test(letter)) return letter;
  if (DIGRAPHS.includes(letter)) return String.fromCharCode(letter.charCodeAt(0) - 1);
  // `ß` is SS in upper case, and `ﬁ` is FI.
  const upper = letter.toLocaleUpperCase(locale);
  if (upper.length <= letter.length) return upper;
  return upper.charAt(0) + upper.slice(1).toLocaleLowerCase(locale);
}

/** The first letter of each word in title case, the others in lower case. */
export function titlecase(text: string, words: Intl.Segmenter, locale: string): string {
  const first = locale.startsWith("nl") ? FIRST_IN_DUTCH() : FIRST();
  const capitalize = (letter: string) => capital(letter, locale);
  let title = "";
  // In one piece: a letter may depend on its place in the word, as `Σ` does.
  for (const { segment, isWordLike } of words.segment(text.toLocaleLowerCase(locale))) {
    title += isWordLike === true ? segment.replace(first, capitalize) : segment;
  }
  return title;
}
