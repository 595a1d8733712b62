// Splits texts into grapheme clusters (UAX #29): what a person sees as one character.
import { ItemError } from "./errors";
import { lazy, lazyPattern } from "../../lib/lazy";
import type { Run } from "./operation";
import type { Price } from "./price";

// Created at first use, since it takes longer than everything else at the Worker's start.
const segmenter = lazy(() => new Intl.Segmenter("en", { granularity: "grapheme" }));

// All but ASCII without the carriage return: there each character is a grapheme of its own, while CR LF together is one.
const NOT_PLAIN = /[^\t\n -~]/;

// All but characters that join with none but those of the second class: each is a grapheme of its own. Other scripts
// have letters that join, and are left to the platform, which takes ten times as long. Looked for one by one, since a
// pattern that repeats them keeps a way back for each: 30 MB for a long text.
const NOT_SIMPLE = lazyPattern(
  String.raw`[^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}\uac00-\ud7a3]--[\r\p{M}\p{Cf}\p{RI}\p{Emoji_Modifier}\p{Grapheme_Extend}]]`,
  "v",
);

/** True if each character of a text is a grapheme. */
export const isSimple = (text: string) => isPlain(text) || !NOT_SIMPLE().test(text);

/** True for ASCII texts, on which Unicode algorithms are cheap. */
const isPlain = (text: string) => !NOT_PLAIN.test(text);

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

/** Splits a text that is no item, such as a parameter. */
const ALONE: Pick<Run, "segments"> = { segments: (by, text) => by.segment(text) };

/** The graphemes of a text, in order, each when it is its turn. */
export function eachGrapheme(text: string, run = ALONE): Iterable<string> {
  // A text yields its code points.
  return isSimple(text) ? text : segmentsOf(text, run);
}

function* segmentsOf(text: string, run: Pick<Run, "segments">): Generator<string> {
  for (const { segment } of run.segments(segmenter(), text)) yield segment;
}

/** The graphemes of a text, in order. */
export function graphemes(text: string, run = ALONE): string[] {
  return Array.from(eachGrapheme(text, run));
}

/** The number of code points of a text, without a text for each of them. */
function codePointCount(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; count += 1) at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  return count;
}

/** The number of graphemes of a text. */
export function graphemeCount(text: string, run = ALONE): number {
  if (isPlain(text)) return text.length;
  if (isSimple(text)) return codePointCount(text);
  let count = 0;
  for (const _ of run.segments(segmenter(), text)) count += 1;
  return count;
}
