import * as fc from "fast-check";
import { describe, it } from "vitest";
import { scanJson, type JsonScan } from "../../src/lib/json-scan";

const encoder = new TextEncoder();

function scan(text: string, { maxDepth = 256, maxWeight = 1e9 } = {}): JsonScan {
  return scanJson(encoder.encode(text), { maxDepth, maxWeight });
}

/** The lowest limit that a text passes. */
function weigh(text: string): number {
  let weight = 0;
  while (scan(text, { maxWeight: weight }).excess !== null) weight += 1;
  return weight;
}

describe("the weight of JSON", () => {
  it.for([
    ["null", 0],
    ["[]", 2],
    ["{}", 4],
    ["[1,2,3]", 4],
    ['{"a":1}', 5],
    ['{"a":1,"b":2}', 7],
    ['[{"a":[]},"x"]', 10],
    ['"[{,:"', 0],
    ['"\\"[[["', 0],
    ['"\\\\","[["', 1],
    ['{"[,:{":"}],:"}', 5],
  ] as const)("of %s is %i", ([text, weight], { expect }) => {
    expect(weigh(text)).toBe(weight);
  });
});

describe("the depth of JSON", () => {
  it.for([
    ["null", 0],
    ['"[[["', 0],
    ["[]", 1],
    ['{"a":[]}', 2],
    ["[[],{},[[]]]", 3],
    ["[".repeat(256) + "]".repeat(256), 256],
    ['{"a":'.repeat(100), 100],
  ] as const)("of %s is %i", ([text, depth], { expect }) => {
    expect(scan(text, { maxDepth: depth }).excess).toBe(null);
    if (depth > 0) expect(scan(text, { maxDepth: depth - 1 }).excess).toBe("depth");
  });

  it("is judged without looking further, and without a stack of its own", ({ expect }) => {
    expect(scan("[".repeat(1_000_000)).excess).toBe("depth");
  });
});

describe("numbers", () => {
  it.for([
    "0",
    "-0",
    "9007199254740991",
    "-9007199254740991",
    "1763812345678",
    "0.30000000000000004",
    "123456789.123456789123456789",
    `0.${"1".repeat(1000)}`,
    "1e308",
    "1.7976931348623157e308",
    "-1.7976931348623157e+308",
    "123e45",
    "1e-999",
    "0e999",
    `${"1".repeat(309)}e-300`,
    '"9007199254740993"',
    '"a\\"9007199254740993"',
  ])("that a double can hold: %s", (text, { expect }) => {
    expect(scan(text).inexact).toEqual([]);
  });

  it.for([
    "9007199254740992",
    "9007199254740993",
    "-9007199254740992",
    "123456789012345678901234567890",
    "1".repeat(400),
    "1e309",
    "1E400",
    "-1e+400",
    "1.8e308",
    "0.1e310",
    `1e${"9".repeat(1000)}`,
    `${"1".repeat(310)}.5`,
  ])("that it cannot: %s", (text, { expect }) => {
    expect(scan(text).inexact).toEqual([0]);
    expect(scan(`{"a":[${text},1]}`).inexact).toEqual([6]);
  });

  it("are told by their place in bytes, the first hundred and one", ({ expect }) => {
    expect(scan('{"é":1e400,"b":9007199254740993}').inexact).toEqual([6, 16]);
    expect(scan("1e400,".repeat(1000)).inexact).toHaveLength(101);
  });
});

it("Whatever JSON holds, its brackets and numbers are found", ({ expect }) => {
  const integer = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String);
  const part = fc.oneof(
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => JSON.stringify(number)),
    integer,
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
      const text = `[[${parts.join(",")}]]`;
      const values: unknown[] = JSON.parse(text)[0];
      const wrong = parts.filter(
        (source, at) => /^-?\d+$/.test(source) && !Number.isSafeInteger(values[at]),
      );
      expect(scan(text, { maxDepth: 2 }).excess).toBe(null);
      expect(scan(text, { maxDepth: 1 }).excess).toBe("depth");
      expect(scan(text).inexact).toHaveLength(wrong.length);
      expect(weigh(text)).toBe(4 + Math.max(0, parts.length - 1));
    }),
  );
});
