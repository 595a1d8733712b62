// Segments in bulk are those of each text by itself.
import * as fc from "fast-check";
import { it } from "vitest";
import { type Segment, Segmentation } from "../../../src/domain/operations/segmentation";

const text = fc.array(
  fc.constantFrom(
    "a",
    "b ",
    "\r",
    "\n",
    "\u2028",
    "e\u0301",
    "\u0301",
    "👩‍👩‍👧",
    "🇩🇪",
    "\ud83d",
    "ไทย",
    "語",
    "1.",
    "'",
  ),
  { maxLength: 8 },
);

it.for(["grapheme", "word"] as const)(
  "Texts are split into the same %ss together as alone",
  (granularity, { expect }) => {
    const segmenter = new Intl.Segmenter("en", { granularity });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 12 }), (lists) => {
        const texts = lists.map((parts) => parts.join(""));
        let at = 0;
        const segmentation = new Segmentation(() => texts.slice(at + 1));
        for (; at < texts.length; at += 1) {
          const one = texts[at] ?? "";
          const parts = (list: Iterable<Segment>) =>
            Array.from(list, ({ segment, isWordLike }) => [segment, isWordLike === true]);
          expect(parts(segmentation.of(segmenter, one))).toEqual(parts(segmenter.segment(one)));
        }
      }),
      { numRuns: 300 },
    );
  },
);
