// A search by words, for lists that are short enough to be looked through.

/** Words of a question that say nothing of what is looked for. */
const FILLERS = new Set(
  "a an and are at by do for from have how i if in into is it me my of on or that the this to want what with".split(
    " ",
  ),
);

/**
 * Finds what fits the words of a query best: each word stands in a field, or begins a word there. Without an
 * entry that has all of them, those that have most are found. The nearest come first.
 *
 * @param fieldsOf the texts of an entry, from the most telling to the least
 */
export function searchWords<Entry>(
  query: string,
  entries: readonly Entry[],
  fieldsOf: (entry: Entry) => readonly string[],
): Entry[] {
  const asked = [...new Set(wordsOf(query))];
  const telling = asked.filter((word) => !FILLERS.has(word));
  const words = telling.length > 0 ? telling : asked;
  const found = entries.map((entry) => ({ entry, ...rankOf(words, fieldsOf(entry)) }));
  const most = Math.max(1, ...found.map(({ count }) => count));
  return found
    .filter(({ count }) => count === most)
    .toSorted((a, b) => b.rank - a.rank)
    .map(({ entry }) => entry);
}

/** The number of words that are found, and their nearness to the front. */
function rankOf(words: readonly string[], fields: readonly string[]) {
  let [count, rank] = [0, 0];
  const texts = fields.map(wordsOf);
  for (const word of words) {
    const place = texts.findIndex((text) => text.some((one) => one.startsWith(word)));
    if (place === -1) continue;
    count += 1;
    rank += 1 / (place + 1) + (texts[place]?.includes(word) === true ? 0.5 : 0);
  }
  return { count, rank };
}

/** The words of a text without case; `snake_case` is two, and one. */
function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];
  return words.flatMap((word) => (word.includes("_") ? [word].concat(word.split("_")) : word));
}
