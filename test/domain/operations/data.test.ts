import * as fc from "fast-check";
import { describe, it } from "vitest";
import { scanJson } from "../../../src/lib/json-scan";
import { oneOutput, outputOf, refusalOf, run } from "./run-operation";

/** Half away from zero, in units so small that every digit of a number counts whole ones. */
function roundedInDecimal(value: number, digits: number): number {
  const UNITS = 400;
  const [mantissa = "", exponent = "0"] = String(Math.abs(value)).split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const zeros = UNITS + Number(exponent) - fraction.length;
  const units = BigInt(whole + fraction) * 10n ** BigInt(zeros);
  const step = 10n ** BigInt(UNITS - digits);
  return Math.sign(value) * Number(`${(units + step / 2n) / step}e${-digits}`);
}

/** Whether JSON has the numbers of a value: integers beyond the safe ones are refused when they are read. */
function isKept(value: unknown): boolean {
  const bytes = new TextEncoder().encode(JSON.stringify(value));
  return scanJson(bytes, { maxDepth: Infinity, maxWeight: Infinity }).inexact.length === 0;
}

describe("JSON", () => {
  it("written and read gives back any value", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue({ noUnicodeString: false }).filter(isKept), async (value) => {
        expect(await oneOutput(["json_stringify", "json_parse"], value)).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  it("that is none is refused without quoting it", async ({ expect }) => {
    const { errors } = await run("json_parse", ["secret: {"]);
    expect(errors).toEqual([{ index: 0, code: "invalid-value", detail: "Not JSON" }]);
  });

  it("is refused before it fills the memory with spaces", async ({ expect }) => {
    const nested: unknown = JSON.parse(
      `${"[".repeat(98)}[0]${",[0]".repeat(258_000)}${"]".repeat(98)}`,
    );
    expect(await refusalOf({ name: "json_stringify", indent: 8 }, nested)).toBe("too-large");
    const flat = Array.from({ length: 100_000 }, () => 0);
    expect(await oneOutput({ name: "json_stringify", indent: 1 }, flat)).toHaveLength(400_002);
  });

  it("is indented where asked", async ({ expect }) => {
    expect(await oneOutput({ name: "json_stringify", indent: 2 }, { a: 1 })).toBe('{\n  "a": 1\n}');
  });
});

describe("csv_parse", () => {
  it.for<[string, string, unknown]>([
    [
      "quotes, commas and line ends in fields",
      'a,b\r\n"x ""y""","1,\n2"\r\n',
      [{ a: 'x "y"', b: "1,\n2" }],
    ],
    ["a byte order mark", "\ufeffa\n1", [{ a: "1" }]],
    ["empty lines", "a\n\n1\n\n", [{ a: "1" }]],
    ["nothing", "", []],
    ["a header alone", "a,b", []],
  ])("reads %s", async ([, text, rows], { expect }) => {
    expect(await oneOutput("csv_parse", text)).toEqual(rows);
  });

  it("gives lists without a header, by the delimiter asked for", async ({ expect }) => {
    expect(
      await oneOutput({ name: "csv_parse", header: false, delimiter: ";" }, "a;b\n1;2"),
    ).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });

  it("takes prototype names in a header for plain keys", async ({ expect }) => {
    const rows = await oneOutput("csv_parse", "__proto__,constructor\npolluted,2");
    expect(JSON.stringify(rows)).toBe('[{"__proto__":"polluted","constructor":"2"}]');
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});

describe("fields", () => {
  const hostile: unknown = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2, "a": 3}');

  const text = async (operation: { name: string; fields: unknown }) =>
    JSON.stringify(await oneOutput(operation, hostile));

  it("with prototype names are plain data", async ({ expect }) => {
    expect(await text({ name: "pick", fields: ["__proto__", "toString", "a"] })).toBe(
      '{"__proto__":{"polluted":1},"a":3}',
    );
    expect(await text({ name: "omit", fields: ["a"] })).toBe(
      '{"__proto__":{"polluted":1},"constructor":2}',
    );
    expect(await text({ name: "rename", fields: { __proto: "x", constructor: "__proto" } })).toBe(
      '{"__proto__":{"polluted":1},"__proto":2,"a":3}',
    );
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("with prototype names are renamed like others", async ({ expect }) => {
    const fields: unknown = JSON.parse('{"__proto__": "p", "constructor": "c", "prototype": "d"}');
    expect(await text({ name: "rename", fields })).toBe('{"p":{"polluted":1},"c":2,"a":3}');
  });

  it("picked or omitted are together the whole object", async ({ expect }) => {
    const object = fc.dictionary(fc.constantFrom("a", "b", "c", "d"), fc.jsonValue());
    await fc.assert(
      fc.asyncProperty(object, async (item) => {
        const picked = await oneOutput({ name: "pick", fields: ["a", "c"] }, item);
        const others = await oneOutput({ name: "omit", fields: ["a", "c"] }, item);
        expect({ ...(picked as object), ...(others as object) }).toEqual(item);
      }),
    );
  });

  it("swap their names, and never lose a value to a name that is taken", async ({ expect }) => {
    const swap = { name: "rename", fields: { a: "b", b: "a" } };
    expect(await oneOutput(swap, { a: 1, b: 2, c: 3 })).toEqual({ a: 2, b: 1, c: 3 });
    expect(await refusalOf({ name: "rename", fields: { a: "c" } }, { a: 1, c: 3 })).toBe(
      "invalid-value",
    );
    expect(await refusalOf({ name: "rename", fields: { a: "c", b: "c" } }, { a: 1, b: 3 })).toBe(
      "invalid-value",
    );
    expect(await oneOutput({ name: "rename", fields: { x: "c" } }, { a: 1, c: 3 })).toEqual({
      a: 1,
      c: 3,
    });
  });

  it("belong to objects only", async ({ expect }) => {
    for (const item of ["x", null, [1]]) {
      expect(await refusalOf({ name: "pick", fields: ["a"] }, item)).toBe("wrong-type");
    }
  });
});

describe("select", () => {
  it("reports a query that fails or costs too much, and goes on", async ({ expect }) => {
    const { errors } = await run({ name: "select", expression: "length(@)" }, [[1], 5]);
    expect(errors).toMatchObject([{ index: 1, code: "invalid-value" }]);
    const doubling = "[@,@][]" + "|[@,@][]".repeat(80);
    const items = Array.from({ length: 25 }, () => [1]);
    const costly = await run({ name: "select", expression: doubling }, items);
    expect(costly.errors.map(({ code }) => code)).toEqual(items.map(() => "too-large"));
  });
});

describe("numbers", () => {
  it("are read from decimal text only", async ({ expect }) => {
    expect(await outputOf("to_number", ["1", "-2.5", "+.5", "1.", "1e-3", 7, false])).toEqual([
      1, -2.5, 0.5, 1, 0.001, 7, 0,
    ]);
    for (const text of [
      "",
      "0x10",
      "Infinity",
      "1_000",
      "1,5",
      "NaN",
      "1e999",
      "1".repeat(500),
      "--1",
      ".",
    ]) {
      expect(await refusalOf("to_number", text)).toBe("invalid-value");
    }
    expect(await oneOutput("to_number", `0.${"1".repeat(500)}`)).toBe(1 / 9);
    expect(await refusalOf("to_number", null)).toBe("wrong-type");
  });

  it("are rounded half away from zero, as written in decimal", async ({ expect }) => {
    expect(await outputOf("round", [0.5, 1.5, -0.5, -1.5, 2.4])).toEqual([1, 2, -1, -2, 2]);
    expect(await outputOf({ name: "round", digits: 2 }, [1.005, 8.345, 1e-9, 1e21])).toEqual([
      1.01, 8.35, 0, 1e21,
    ]);
    expect(await outputOf({ name: "round", digits: -2 }, [1250, 49])).toEqual([1300, 0]);
    expect(await refusalOf("round", "1")).toBe("wrong-type");
  });

  it.for<[number, number, number]>([
    [-260_061_150_613_688.94, 2, -260_061_150_613_688.94],
    [392_518_623_707_654.56, 2, 392_518_623_707_654.56],
    [18_802_783_029.017_014, 5, 18_802_783_029.017_01],
    [226_163.454_925_680_13, 10, 226_163.454_925_680_1],
    [123_456_789.123_456_79, 10, 123_456_789.123_456_79],
    [14.264_010_889_048_539, 15, 14.264_010_889_048_539],
    [123_456_789_012_345_680_000, -1, 123_456_789_012_345_680_000],
    [0, 3, 0],
    [5e-324, 15, 0],
    [Number.MAX_VALUE, -15, Number.MAX_VALUE],
  ])("%d to %d digits is %d", async ([value, digits, rounded], { expect }) => {
    expect(await oneOutput({ name: "round", digits }, value)).toBe(rounded);
  });

  it("are rounded as their decimals are", async ({ expect }) => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, min: -1e17, max: 1e17 }),
      fc.integer({ min: -1e9, max: 1e9 }).map((thousandths) => thousandths / 1000),
    );
    await fc.assert(
      fc.asyncProperty(number, fc.integer({ min: -15, max: 15 }), async (value, digits) => {
        const rounded = Number(await oneOutput({ name: "round", digits }, value));
        expect(rounded + 0).toBe(roundedInDecimal(value, digits) + 0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("rounded twice are rounded once, and never far off", async ({ expect }) => {
    const number = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 });
    await fc.assert(
      fc.asyncProperty(number, fc.integer({ min: 0, max: 6 }), async (value, digits) => {
        const once = Number(await oneOutput({ name: "round", digits }, value));
        expect(await oneOutput({ name: "round", digits }, once)).toBe(once);
        expect(Math.abs(once - value)).toBeLessThanOrEqual(
          0.500_001 * 10 ** -digits + Math.abs(value) * 1e-15,
        );
      }),
    );
  });
});
