import * as fc from "fast-check";
import { describe, it } from "vitest";
import { isExactNumber, readExactJson, withDoubles } from "../../src/lib/exact-json";

const passedOn = (text: string) => JSON.stringify(readExactJson(text));

describe("readExactJson", () => {
  it.for([
    "9007199254740993",
    "-9007199254740993",
    "123456789012345678901234567890",
    "1e400",
    "-1e400",
    "1E+999",
    "1e-400",
    "-0",
    "-0.0",
    "0.1000000000000000055511151231257827",
    "3.14159265358979323846",
    "1.7976931348623159e308",
    "12345678901234567.5",
  ])("passes %s on exactly", (number, { expect }) => {
    const text = `{"a":[${number}],"b":"${number}","c":1.5}`;
    expect(passedOn(text)).toBe(text);
  });

  it.for([
    "0",
    "1",
    "-1",
    "9007199254740991",
    "1.5",
    "0.1",
    "0.30000000000000004",
    "1.7976931348623157e+308",
    "5e-324",
    "1e21",
    "100000000000000000000",
  ])("keeps %s a double, which holds it", (number, { expect }) => {
    expect(readExactJson(`[${number}]`)).toEqual([Number(number)]);
  });

  it("keeps the value of every number that JSON can write", ({ expect }) => {
    const digits = fc.stringMatching(/^[1-9]\d{0,24}$/);
    const numbers = fc
      .tuple(fc.constantFrom("", "-"), digits, fc.stringMatching(/^(\.\d{1,20})?(e[-+]?\d{1,3})?$/))
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(fc.array(numbers, { maxLength: 5 }), (list) => {
        const [read, written] = [list, JSON.parse(`[${list.join(",")}]`) as number[]];
        const passed = passedOn(`[${list.join(",")}]`)
          .slice(1, -1)
          .split(",");
        for (const [at, source] of read.entries()) {
          // Either as it was, or as the double that is the same number.
          expect([source, String(written[at])]).toContain(passed[at]);
          if (passed[at] !== source) expect(decimal(passed[at] ?? "")).toBe(decimal(source));
        }
      }),
      { numRuns: 500 },
    );
  });
});

/** A number's value, as a fraction of integers. */
function decimal(text: string): string {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = BigInt(whole.replace("-", "") + fraction);
  const power = Number(exponent) - fraction.length;
  let [value, ten] = [digits, power];
  while (value !== 0n && value % 10n === 0n) [value, ten] = [value / 10n, ten + 1];
  return `${text.startsWith("-") ? "-" : ""}${value}e${value === 0n ? 0 : ten}`;
}

describe("withDoubles", () => {
  it("gives longer integers as their digits, and rounds fractions", ({ expect }) => {
    const value = readExactJson(
      '{"a":9007199254740993,"b":[0.10000000000000000001,-0,1e400],"c":1}',
    );
    expect(withDoubles(value)).toEqual({ a: "9007199254740993", b: [0.1, -0, "1e400"], c: 1 });
  });

  it("leaves everything else", ({ expect }) => {
    const value = readExactJson('{"a":[null,true,"x",{}]}');
    expect(withDoubles(value)).toEqual(value);
    expect(isExactNumber({ rawJSON: "1" })).toBe(false);
  });
});
