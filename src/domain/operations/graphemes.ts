// Splits texts into grapheme clusters (UAX #29): what a person sees as one character.
import { ItemError } from "./errors";
import { lazy, lazyPattern } from "../../lib/lazy";
import type { Price } from "./price";

// Created at first use, since it takes longer than everything else at the Worker's start.
const segmenter = lazy(() => new Intl.Segmenter("en", { granularity: "grapheme" }));

// ASCII without the carriage return: each character is a grapheme of its own, while CR LF together is one.
const PLAIN = /^[\t\n -~]*$/;

/** True for ASCII texts, on which Unicode algorithms are cheap. */
const isPlain = (text: string) => PLAIN.test(text);

/** Price of splitting a text into graphemes. */
export const GRAPHEME_PRICE: Price = { per_item: 300, per_character: 15 };

/** Combining marks in a row, as in Unicode's Stream-Safe Text Format (UAX #15 §13). */
const MAX_MARKS = 30;
// The last two are letters that become marks in compatibility forms.
const MARK = "[\\p{M}\uff9e\uff9f]";
const TOO_MANY_MARKS = lazyPattern(`(?<!${MARK})${MARK}{${MAX_MARKS + 1}}`, "u");

/**
 * Refuses a text with too many combining marks in a row, since Unicode normalisation sorts such a run in
 * quadratic time.
 */
export function checkMarks(text: string): void {
  if (!isPlain(text) && TOO_MANY_MARKS().test(text)) {
    throw new ItemError("too-large", `More than ${MAX_MARKS} combining marks in a row`);
  }
}

/**
 * The text in a Unicode normalization form.
 *
 * @throws ItemError for too many combining marks in a row
 */
export function normalized(text: string, form: string): string {
  checkMarks(text);
  return text.normalize(form);
}

/** The graphemes of a text, in order. */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return text.split("");
  return Array.from(segmenter().segment(text), (part) => part.segment);
}

/** The number of graphemes of a text. */
export function graphemeCount(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let count = 0;
  const segments = segmenter().segment(text)[Symbol.iterator]();
  while (segments.next().done !== true) count += 1;
  return count;
}
