// Splits texts into graphemes or words (UAX #29) by the platform, in bulk: a segmentation holds kilobytes outside
// V8's heap until a full collection, which V8 sees no reason for. Ten thousand of them are 35 MB.

/** Characters that are segmented together. */
const BULK_CHARS = 16 * 1024;
/** A line separator: no grapheme or word goes across it (GB4, GB5, WB3a, WB3b). */
const SEPARATOR = "\u2028";

/** A piece of a text, and whether it is a word. */
export type Segment = Pick<Intl.SegmentData, "segment" | "isWordLike">;

/** The places where the segments of a text end; below zero for those that are no words. */
type Ends = number[];

/** Segments of the texts of one step. */
export class Segmentation {
  readonly #ahead: () => Iterable<string>;
  #segmenter: Intl.Segmenter | undefined;
  #known = new Map<string, Ends>();

  /** @param ahead the texts that are likely to be asked for next */
  constructor(ahead: () => Iterable<string>) {
    this.#ahead = ahead;
  }

  /** The segments of a text, each made as it is read. */
  of(segmenter: Intl.Segmenter, text: string): Iterable<Segment> {
    if (text.length > BULK_CHARS) return segmentsOf(segmenter, text);
    if (segmenter !== this.#segmenter) this.#known.clear();
    this.#segmenter = segmenter;
    return cut(text, this.#known.get(text) ?? this.#segment(segmenter, text));
  }

  #segment(segmenter: Intl.Segmenter, text: string): Ends {
    const found: Ends = [];
    this.#known = new Map([[text, found]]);
    let chars = text.length;
    for (const next of this.#ahead()) {
      chars += next.length;
      if (chars > BULK_CHARS) break;
      if (!this.#known.has(next)) this.#known.set(next, []);
    }
    const entries = [...this.#known];
    let [at, start, end] = [0, 0, text.length];
    const texts = [...this.#known.keys()].join(SEPARATOR);
    for (const { index, segment, isWordLike } of segmentsOf(segmenter, texts)) {
      if (index === end) {
        at += 1;
        start = end + SEPARATOR.length;
        end = start + (entries[at]?.[0].length ?? 0);
      } else {
        const to = index + segment.length - start;
        entries[at]?.[1].push(isWordLike === true ? to : -to);
      }
    }
    return found;
  }
}

/** The segments of a text. To iterate over them as the platform does would hold a second copy of the text. */
function* segmentsOf(segmenter: Intl.Segmenter, text: string): Generator<Intl.SegmentData> {
  const segments = segmenter.segment(text);
  for (let at = 0; at < text.length;) {
    const data = segments.containing(at);
    if (data === undefined) return;
    yield data;
    at += data.segment.length;
  }
}

/** The segments of a text that end at these places. */
function* cut(text: string, ends: Ends): Generator<Segment> {
  let from = 0;
  for (const end of ends) {
    const to = Math.abs(end);
    yield { segment: text.slice(from, to), isWordLike: end > 0 };
    from = to;
  }
}
