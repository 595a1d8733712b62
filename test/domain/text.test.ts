// What people read: names and titles on one line, descriptions on several.
import * as fc from "fast-check";
import * as v from "valibot";
import { describe, it } from "vitest";
import { lines, oneLine } from "../../src/domain/text";

const OneLine = oneLine(20);
const Lines = lines(20);

/** What is said of a text, or null where it is taken. */
function faultOf(schema: typeof OneLine | typeof Lines, text: string): string | null {
  const { issues } = v.safeParse(schema, text);
  return issues?.map(({ message }) => message).join() ?? null;
}

/** The pattern that the document tells. */
function patternOf(schema: typeof OneLine | typeof Lines): RegExp {
  const { jsonSchema }: { readonly jsonSchema?: unknown } = v.getMetadata(schema);
  return new RegExp(v.parse(v.object({ pattern: v.string() }), jsonSchema).pattern, "u");
}

const TAKEN = [
  "Ada Lovelace",
  "  Ada  ",
  "李小龍",
  "👩‍👩‍👧",
  "می\u200cخواهم",
  "क्\u200dष",
  "\u2800",
  "\u200bAda",
  "Ada\u00ad",
  "e\u0301",
  "😀".repeat(20),
];

/** Neither on one line nor on several. */
const REFUSED = [
  ["a bell", "Ada\u0007"],
  ["a NUL", "\u0000Ada"],
  ["a next line", "Ada\u0085"],
  ["a line separator", "Ada\u2028Lovelace"],
  ["a paragraph separator", "\u2029Ada"],
  ["a right-to-left override", "Ada \u202e"],
  ["a left-to-right embedding", "\u202aAda"],
  ["an isolate", "\u2066Ada\u2069"],
  ["a lone surrogate", "Ada\ud800"],
  ["nothing", ""],
  ["spaces", " \u00a0\u3000"],
  ["a zero-width space", "\u200b"],
  ["a joiner", "\u200d"],
  ["a Hangul filler", "\u3164"],
  ["a Hangul choseong filler", "\u115f"],
  ["a soft hyphen", "\u00ad"],
  ["a variation selector", "\ufe0f"],
  ["a byte order mark and a word joiner", "\ufeff\u2060"],
  ["a tag", "\u{e0041}"],
  ["too much", "a".repeat(21)],
  ["too many characters of two units", "😀".repeat(21)],
] as const;

describe.each([
  ["one line", OneLine],
  ["several lines", Lines],
] as const)("Text on %s", (_, schema) => {
  it.for(TAKEN)("may be %j", (text, { expect }) => {
    expect(faultOf(schema, text)).toBe(null);
    expect(text).toMatch(patternOf(schema));
  });

  it.for(REFUSED)("may not be %s", ([what, text], { expect }) => {
    expect(faultOf(schema, text)).not.toBe(null);
    if (!what.startsWith("too")) expect(text).not.toMatch(patternOf(schema));
  });

  it("is as strict as its pattern", ({ expect }) => {
    const odd = fc.constantFrom("\t", "\n", "\r", " ", "\u200b", "\u202e", "\u2028", "\u3164", "a");
    const unit = fc.oneof(
      odd,
      fc.integer({ min: 0, max: 0xffff }).map((n) => String.fromCharCode(n)),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 6 }), (units) => {
        const text = units.join("");
        expect(faultOf(schema, text) === null).toBe(patternOf(schema).test(text));
      }),
      { numRuns: 1000 },
    );
  });
});

it("One line has no tabs and no line breaks, and is taken without the spaces around it", ({
  expect,
}) => {
  for (const text of ["A\tB", "A\n", "\r\nA", "A\u000bB"])
    expect(faultOf(OneLine, text)).toContain("control");
  expect(v.parse(OneLine, "  Ada\u3000")).toBe("Ada");
});

it("Several lines have tabs, and line breaks of one kind", ({ expect }) => {
  expect(v.parse(Lines, "a\tb\r\nc\rd\n")).toBe("a\tb\nc\nd\n");
  expect(faultOf(Lines, "\r\n\t")).toBe("Empty");
});
