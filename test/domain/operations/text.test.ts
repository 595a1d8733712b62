import * as fc from "fast-check";
import slugifyText from "slugify";
import titles from "../../fixtures/titlecase.json";
import { describe, it } from "vitest";
import { graphemeCount, graphemes, isSimple } from "../../../src/domain/operations/graphemes";
import { randomNumbers, shuffled } from "../../../src/domain/operations/random";
import { oneOutput, outputOf, refusalOf } from "./run-operation";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const cluster = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);

describe("graphemes", () => {
  it("of plain texts are found the short way, with the same result", ({ expect }) => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: "binary" }),
          fc.constantFrom("a\r\nb", "\r", "e\u0301"),
        ),
        (text) => {
          expect(graphemes(text)).toEqual(cluster(text));
          expect(graphemeCount(text)).toBe(cluster(text).length);
        },
      ),
    );
  });
});

it("characters that are graphemes of their own are so to the platform, side by side in any order", ({
  expect,
}) => {
  const all = Array.from({ length: 0x30000 }, (_, code) => code).filter(
    (code) => code < 0xd800 || code > 0xdfff,
  );
  const simple = all.map((code) => String.fromCodePoint(code)).filter(isSimple);
  expect(simple.length).toBeGreaterThan(100_000);
  const orders = [1, 2, 3].map((seed) => shuffled(simple.length, randomNumbers(seed)));
  for (const list of [simple, ...orders.map((order) => order.map((at) => simple[at]))])
    expect(cluster(list.join("")).length).toBe(list.length);
});

describe("reverse", () => {
  it("keeps every grapheme whole and is its own inverse wherever no mark stands alone", async ({
    expect,
  }) => {
    // Whole characters of many kinds; the parts of a flag or a syllable never stand alone among them.
    const whole = fc.constantFrom(
      "a",
      "Z",
      " ",
      "é",
      "e\u0301",
      "👍🏽",
      "👩‍👩‍👧",
      "🇮🇩",
      "한",
      "नि",
      "ß",
      "\r\n",
      "语",
    );
    await fc.assert(
      fc.asyncProperty(fc.array(whole), async (characters) => {
        const text = characters.join("");
        const reversed = await oneOutput("reverse", text);
        expect(cluster(String(reversed))).toEqual(cluster(text).toReversed());
        expect(await oneOutput("reverse", reversed)).toBe(text);
      }),
    );
  });
});

describe("case", () => {
  it("depends on the locale where the language asks for it", async ({ expect }) => {
    expect(await oneOutput({ name: "uppercase", locale: "tr" }, "iı")).toBe("İI");
    expect(await oneOutput("uppercase", "iı straße")).toBe("II STRASSE");
    const letters = "iIıİ ΐ Άά Σσς և ßẞ ǆǅ ﬁ i̇́ Ì ĳ";
    for (const locale of [
      "en",
      "de",
      "az-Latn",
      "el",
      "hy",
      "hyw",
      "lt",
      "nl",
      "tr",
      "ja",
      "sr-Latn",
    ]) {
      const upper = letters.toLocaleUpperCase(locale);
      expect(await oneOutput({ name: "uppercase", locale }, letters)).toBe(upper);
      const lower = letters.toLocaleLowerCase(locale);
      expect(await oneOutput({ name: "lowercase", locale }, letters)).toBe(lower);
    }
    expect(await oneOutput({ name: "lowercase", locale: "tr" }, "Iİ")).toBe("ıi");
    expect(await oneOutput({ name: "lowercase", locale: "lt" }, "Ì")).toBe("i̇̀");
    expect(await oneOutput({ name: "titlecase", locale: "tr" }, "istanbul ILIK")).toBe(
      "İstanbul Ilık",
    );
  });

  it.for<[string, string, string]>([
    ["ΑΣ", "el", "Ας"],
    ["ﬁne ßeta", "en", "Fine Sseta"],
    ["ǆungla Ǆ", "hr", "ǅungla ǅ"],
    ["ijsland IJMUIDEN bij", "nl", "IJsland IJmuiden Bij"],
    ["ijsland", "en", "Ijsland"],
    ["_foo 3rd 語", "en", "_Foo 3rd 語"],
    ["e\u0301tE\u0301", "en", "E\u0301te\u0301"],
    ["𐐨𐐨", "en", "𐐀𐐨"],
    ["თბილისი", "ka", "თბილისი"],
    ["ᾳδης ᾲ", "el", "ᾼδης Ὰͅ"],
    ["İSTANBUL İİ", "en", "İstanbul İi̇"],
    ["ŉa ﬃx", "en", "ʼNa Ffix"],
    ["άνθρωπος ΌΛΟΣ", "el", "Άνθρωπος Όλος"],
    ["ÌŠ", "lt", "Ìš"],
  ])("of %s as a title (%s) is %s", async ([text, locale, title], { expect }) => {
    expect(await oneOutput({ name: "titlecase", locale }, text)).toBe(title);
  });

  it("titlecase is Unicode's for every letter whose title case is not its upper case", async ({
    expect,
  }) => {
    const { mapped, kept } = titles;
    const letters = [...Object.keys(mapped), ...kept];
    const expected = [...Object.values(mapped), ...kept];
    expect(letters.length).toBeGreaterThan(130);
    expect(await outputOf("titlecase", letters)).toEqual(expected);
  });

  it("titlecase leaves what is no word, and knows apostrophes", async ({ expect }) => {
    expect(await oneOutput("titlecase", "don't STOP -- 3rd été")).toBe("Don't Stop -- 3rd Été");
  });
});

describe("slugify", () => {
  it("spells letters as the library does, in each of its languages", async ({ expect }) => {
    const letters = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));
    const word = /^[\p{L}&%]$/u;
    const known = letters.filter(
      (letter) => word.test(letter) && letter === letter.normalize("NFKC"),
    );
    for (const locale of ["en", "de", "bg", "uk", "vi", "sv"]) {
      const texts = known.map((letter) => `a ${letter}b`);
      const spelt = texts
        .map((text) => [text, slugifyText(text, { lower: true, strict: true, locale })] as const)
        .filter(([, slug]) => slug !== "a-b");
      const output = await outputOf(
        { name: "slugify", locale },
        spelt.map(([text]) => text),
      );
      expect(output).toEqual(spelt.map(([, slug]) => slug));
    }
  });

  it.for<[string, string, string]>([
    ["Hello, World!", "en", "hello-world"],
    ["日本語", "ja", "ri-ben-yu"],
    ["한국어 문서", "ko", "hangugeo-munseo"],
    ["ไทย", "th", "aithy"],
    ["हिन्दी भाषा", "hi", "hindi-bhasa"],
    ["🎉", "en", "tada"],
    ["Party 🎉 now", "en", "party-now"],
    ["Ünïcödé  --  straße", "en", "unicode-strasse"],
    ["Äpfel & Öl", "de", "aepfel-und-oel"],
    ["snake_case/and.dots", "en", "snake-case-and-dots"],
    ["Don't", "en", "dont"],
    ["Привет мир", "en", "privet-mir"],
    ["___", "en", ""],
    ["a|b $5 <c> 50%", "en", "a-b-5-c-50percent"],
    ["ﬁne ½", "en", "fine-1-2"],
    ["人々 代々木", "ja", "ren-ren-dai-dai-mu"],
    ["こゝろ すゞめ", "ja", "kokoro-suzume"],
    ["co\u00adop\u2060en a\u200bb", "en", "coopen-a-b"],
    ["ශ්\u200dරී ලංකා", "si", "sri-lmka"],
  ])("%s (%s) is %s", async ([text, locale, slug], { expect }) => {
    expect(await oneOutput({ name: "slugify", locale }, text)).toBe(slug);
  });

  it("joins by the separator asked for, and refuses a book", async ({ expect }) => {
    expect(await oneOutput({ name: "slugify", separator: "_" }, "a - b")).toBe("a_b");
    expect(await refusalOf("slugify", "𝐱".repeat(10_001))).toBe("too-large");
    expect(await refusalOf("slugify", "🎉".repeat(10_000))).toBe("none");
  });
});

describe("length and words", () => {
  it("count what a person sees", async ({ expect }) => {
    expect(await oneOutput("length", "e\u0301🇮🇩👨‍👩‍👧‍👦\r\n")).toBe(4);
    expect(await oneOutput("word_count", "It's 3.5 — okay?")).toBe(3);
    expect(await oneOutput({ name: "word_count", locale: "th" }, "ภาษาไทย")).toBe(2);
    expect(await refusalOf("length", 5)).toBe("wrong-type");
  });
});

describe("space", () => {
  it("is trimmed at the sides asked for, and collapsed", async ({ expect }) => {
    expect(await oneOutput({ name: "trim", side: "start" }, " a ")).toBe("a ");
    expect(await oneOutput({ name: "trim", side: "end" }, " a ")).toBe(" a");
    expect(await oneOutput("collapse_whitespace", "\u00a0a\u2003\n b\t")).toBe("a b");
  });
});

describe("normalize", () => {
  it("gives the form asked for", async ({ expect }) => {
    expect(await oneOutput("normalize", "e\u0301")).toBe("\u00e9");
    expect(await oneOutput({ name: "normalize", form: "NFD" }, "\u00e9")).toBe("e\u0301");
  });

  it("a slug and a name are refused a crowd of marks, which are ordered in quadratic time", async ({
    expect,
  }) => {
    for (const marks of ["\u0301\u0316", "\uff9e\u0316", "\u0301\uff9f"]) {
      const text = `a${marks.repeat(200_000)}`;
      expect(await refusalOf({ name: "normalize", form: "NFKC" }, text)).toBe("too-large");
      expect(await refusalOf("slugify", text)).toBe("too-large");
      expect(await refusalOf("snake_case", text)).toBe("too-large");
    }
    const stacked = `a${"\u0301".repeat(30)}`.repeat(1_000);
    expect(await refusalOf("normalize", stacked)).toBe("none");
  });
});
