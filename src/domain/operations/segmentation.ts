// Splits texts into graphemes or words (UAX #29) by the platform, in bulk: a segmentation holds kilobytes outside
// V8's heap until a full collection, which V8 sees no reason for. Ten thousand of them are 35 MB.

/** Characters that are segmented together. */
const BULK_CHARS = 16 * 1024;
/** A line separator: no grapheme or word goes across it (GB4, GB5, WB3a, WB3b). */
const SEPARATOR = "\u2028";

type Segments = Iterable<Intl.SegmentData>;

/** Segments of the texts of one step. */
export class Segmentation {
  readonly #ahead: () => Iterable<string>;
  #segmenter: Intl.Segmenter | undefined;
  #known = new Map<string, Intl.SegmentData[]>();

  /** @param ahead the texts that are likely to be asked for next */
  constructor(ahead: () => Iterable<string>) {
    this.#ahead = ahead;
  }

  /** The segments of a text. Those of a long one are made while they are read. */
  of(segmenter: Intl.Segmenter, text: string): Segments {
    if (text.length > BULK_CHARS) return segmenter.segment(text);
    if (segmenter !== this.#segmenter) this.#known.clear();
    this.#segmenter = segmenter;
    return this.#known.get(text) ?? this.#segment(segmenter, text);
  }

  #segment(segmenter: Intl.Segmenter, text: string): Segments {
    const found: Intl.SegmentData[] = [];
    this.#known = new Map([[text, found]]);
    let chars = text.length;
    for (const next of this.#ahead()) {
      chars += next.length;
      if (chars > BULK_CHARS) break;
      if (!this.#known.has(next)) this.#known.set(next, []);
    }
    const entries = [...this.#known];
    let at = 0;
    let end = text.length;
    for (const segment of segmenter.segment([...this.#known.keys()].join(SEPARATOR))) {
      if (segment.index === end) {
        at += 1;
        end += SEPARATOR.length + (entries[at]?.[0].length ?? 0);
      } else entries[at]?.[1].push(segment);
    }
    return found;
  }
}
