// A search by words, for lists that are short enough to be looked through.
import { editDistance } from "./edit-distance";
import { lazyPattern } from "./lazy";

/** Words of a question that say nothing of what is looked for. */
const FILLERS = new Set(
  "a an and are at be by can do for from have how i if in into is it me my of on or some that the them then there these this those to want what with".split(
    " ",
  ),
);

/** The beginning of a question that is answered by yes or no. */
const QUESTION = /^\s*(?:is|are)\b/i;

/** Endings of words that stand here in another form: `hashing`, `frequencies`. */
const ENDING = /(?<=.{3})(?:ies|ing|[eo]rs?|ions?|e?s|e?d)$/;
/** Letters of a misspelt word for each that may be wrong. */
const LETTERS_PER_EDIT = 4;

/**
 * Finds what fits the words of a query best: each word stands in a field, or begins a word there. One that stands
 * nowhere is taken for one that is spelt nearly so. The fewer entries have a word, the more it tells. The nearest come
 * first; without an entry that has all words, down to those that fit half as well.
 *
 * @param fieldsOf the texts of an entry, from the most telling to the least
 */
export function searchWords<Entry>(
  query: string,
  entries: readonly Entry[],
  fieldsOf: (entry: Entry) => readonly string[],
): Entry[] {
  const asked = [...new Set(wordsOf(query.replace(QUESTION, "check")))];
  const telling = asked.filter((word) => !FILLERS.has(word));
  const read = entries.map((entry) => ({ entry, texts: fieldsOf(entry).map(wordsOf) }));
  const known = [...new Set(read.flatMap(({ texts }) => texts.flat()))];
  const words = (telling.length > 0 ? telling : asked).map((word) => nearest(word, known));
  const weighed = words.map((word) => {
    const having = read.filter(({ texts }) => placeOf(word, texts) !== -1).length;
    return { word, weight: Math.log(1 + read.length / (1 + having)) };
  });
  const ranked = read.map(({ entry, texts }) => ({ entry, found: rankOf(weighed, texts) }));
  const best = Math.max(...ranked.map(({ found }) => found.rank));
  const whole = ranked.filter(({ found }) => found.count > 0 && found.count === words.length);
  const near = ranked.filter(({ found: { rank } }) => rank > 0 && rank >= best / 2);
  return (whole.length > 0 ? whole : near)
    .toSorted((one, other) => other.found.rank - one.found.rank)
    .map(({ entry }) => entry);
}

/** The word itself if a known one begins with it, else the nearest form of it that one does, if any. */
function nearest(word: string, known: readonly string[]): string {
  const stands = (form: string) => known.some((one) => one.startsWith(form));
  const form = [word, word.replace(ENDING, "")].find(stands);
  if (form !== undefined) return form;
  const most = Math.floor(word.length / LETTERS_PER_EDIT);
  // Most words are too long or too short, which costs nothing to see.
  const isNear = (one: string) =>
    Math.abs(one.length - word.length) <= most && editDistance(word, one, most) <= most;
  return (most > 0 && known.find(isNear)) || word;
}

/** The place of the first text with a word that begins so; -1 for none. */
const placeOf = (word: string, texts: readonly (readonly string[])[]) =>
  texts.findIndex((text) => text.some((one) => one.startsWith(word)));

/** The number of words that are found, and the sum of their weights by their nearness to the front. */
function rankOf(
  words: readonly { readonly word: string; readonly weight: number }[],
  texts: readonly (readonly string[])[],
) {
  let [count, rank] = [0, 0];
  for (const { word, weight } of words) {
    const place = placeOf(word, texts);
    if (place === -1) continue;
    count += 1;
    rank += weight * (1 / (place + 1) + (texts[place]?.includes(word) === true ? 0.5 : 0));
  }
  return { count, rank };
}

const WORDS = lazyPattern(String.raw`[\p{L}\p{N}_]+`, "gu");

/** The words of a text without case; `snake_case` is two, and one. */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(WORDS()) ?? [];
  return words.flatMap((word) => (word.includes("_") ? [word].concat(word.split("_")) : word));
}
