// Splits a text without a list of its parts, which takes several times its memory.

/**
 * The parts of a text between separators, at most so many: the last one keeps the rest. An empty separator stands between
 * all code points.
 */
export function* partsBetween(
  text: string,
  separator: string,
  limit = Infinity,
): Generator<string> {
  let from = 0;
  for (let count = 1; count < limit; count += 1) {
    const next = (text.codePointAt(from) ?? 0) > 0xff_ff ? from + 2 : from + 1;
    const at = text.indexOf(separator, separator === "" ? next : from);
    if (at === -1 || (separator === "" && at >= text.length)) break;
    yield text.slice(from, at);
    from = at + separator.length;
  }
  yield text.slice(from);
}

/** The parts of a text in which the first occurrences of another are replaced, at most so many. */
export function* replacedParts(
  text: string,
  search: string,
  replacement: string,
  count = Infinity,
): Generator<string> {
  let isFirst = true;
  for (const part of partsBetween(text, search, count + 1)) {
    if (!isFirst) yield replacement;
    yield part;
    isFirst = false;
  }
}
