// Text by grapheme cluster (UAX #29), what a person sees as one character.

// Made when it is first needed: it takes longer than all the rest of the Worker's start.
let segmenter: Intl.Segmenter | undefined;

// Every such character is a grapheme of its own; a carriage return is not here, since CR LF is one.
const PLAIN = /^[\t\n -~]*$/;

function segment(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return segmenter.segment(text);
}

/** The graphemes of a text, in order. */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return text.split("");
  return Array.from(segment(text), (part) => part.segment);
}

/** The number of graphemes of a text. */
export function graphemeCount(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let count = 0;
  const segments = segment(text)[Symbol.iterator]();
  while (segments.next().done !== true) count += 1;
  return count;
}
