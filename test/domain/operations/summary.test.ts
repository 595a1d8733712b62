import * as fc from "fast-check";
import { describe, it } from "vitest";
import { OperationError } from "../../../src/domain/operations";
import { outputOf, run } from "./run-operation";

// A CSV's numbers are texts.
it("numbers that are texts are refused with what reads them", async ({ expect }) => {
  for (const operation of [
    "sum",
    "round",
    "number_format",
    { name: "summarize", by: "name", value: "price" },
  ]) {
    const item = typeof operation === "string" ? "5" : { price: "5" };
    const { errors } = await run(operation, [item]);
    expect(errors[0]?.detail).toMatch(/^Expected .*number.*, received text; use to_number$/);
  }
});

describe("statistics", () => {
  // The examples that simple-statistics publishes with each function.
  it.for<[string, string, number[], number]>([
    ["mean", "mean", [0, 10], 5],
    ["median", "median", [10, 2, 5, 100, 2, 1], 3.5],
    ["standard deviation", "stdev", [2, 4, 4, 4, 5, 5, 7, 9], 2],
    ["minimum", "min", [1, 5, -10, 100, 2], -10],
    ["maximum", "max", [1, 2, 3, 4], 4],
  ])("gives the library's example of the %s", async ([, member, numbers, expected], { expect }) => {
    expect(await outputOf("statistics", numbers)).toHaveProperty(member, expected);
  });

  it("has no deviation, and no other mean, where all are equal", async ({ expect }) => {
    for (const number of [0.1, 1 / 3, 1e308, -5e-324, 123_456.789])
      for (const count of [2, 3, 7, 999])
        expect(
          await outputOf("statistics", Array<number>(count).fill(number)),
          `${count} of ${number}`,
        ).toMatchObject({ mean: number, stdev: 0 });
    expect(await outputOf("statistics", [1e19, 6, -1e19])).toHaveProperty("mean", 2);
  });

  it("has the deviation of numbers that are large and close, or next to nothing", async ({
    expect,
  }) => {
    const cases: [number[], number][] = [
      [[1e15 + 0.25, 1e15 + 0.125], 0.0625],
      [[1e-200, 3e-200], 1e-200],
      [[5e-324, 15e-324], 5e-324],
      [[1e308, -1e308], 1e308],
    ];
    for (const [numbers, stdev] of cases) {
      expect(await outputOf("statistics", numbers), String(numbers)).toMatchObject({ stdev });
      const groups = { name: "summarize", by: "`1`", value: "@", functions: ["stdev"] };
      expect(await outputOf(groups, numbers)).toMatchObject([{ stdev }]);
    }
  });

  it("gives the library's example of a quantile and of a sum", async ({ expect }) => {
    const numbers = [3, 6, 7, 8, 8, 9, 10, 13, 15, 16, 20];
    expect(await outputOf({ name: "statistics", quantiles: [0.5] }, numbers)).toHaveProperty(
      "quantiles",
      [{ quantile: 0.5, value: 9 }],
    );
    expect(await outputOf("sum", [1, 2, 3])).toBe(6);
  });

  it("divides by n − 1 for a sample, as the library's example does", async ({ expect }) => {
    const value = await outputOf({ name: "statistics", sample: true }, [2, 4, 4, 4, 5, 5, 7, 9]);
    expect(value).toMatchObject({ stdev: expect.closeTo(2.138, 2) });
    expect(await outputOf({ name: "statistics", sample: true }, [1])).toMatchObject({
      stdev: null,
    });
  });

  it("leaves out what is no number, reports it, and is null for none", async ({ expect }) => {
    expect(await run("statistics", [1, "2", null])).toMatchObject({
      value: { count: 1, mean: 1 },
      errors: [
        { index: 1, code: "wrong-type" },
        { index: 2, code: "wrong-type" },
      ],
    });
    expect(await outputOf("statistics", [])).toMatchObject({
      count: 0,
      min: null,
      mean: null,
      stdev: null,
    });
  });

  it("refuses a sum that JSON cannot carry, and only that", async ({ expect }) => {
    await expect(run("sum", [1e308, 1e308])).rejects.toThrow(OperationError);
    expect(await outputOf("sum", [1e308, 1e308, -1e308])).toBe(1e308);
  });

  it("gives all members that are numbers, however large theirs are", async ({ expect }) => {
    const max = Number.MAX_VALUE;
    expect(await outputOf({ name: "statistics", sample: true }, [-max, max, max])).toMatchObject({
      mean: expect.closeTo(max / 3, -300),
      median: max,
      stdev: null,
      quantiles: [{ value: 0 }, { value: max }, { value: max }],
    });
    expect(await outputOf("statistics", [-1e308, 1e308])).toMatchObject({ mean: 0, stdev: 1e308 });
  });

  it("adds without losing the small ones", async ({ expect }) => {
    expect(
      await outputOf(
        "sum",
        Array.from({ length: 10 }, () => 0.1),
      ),
    ).toBe(1);
    expect(await outputOf("sum", [1, 1e100, 1, -1e100])).toBe(2);
  });
});

describe("histogram", () => {
  it("counts every number once, over ranges that meet", async ({ expect }) => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(numbers, fc.integer({ min: 1, max: 20 }), async (list, bins) => {
        const bars = (await outputOf({ name: "histogram", bins }, list)) as {
          from: number;
          to: number;
          count: number;
        }[];
        expect(bars.reduce((sum, { count }) => sum + count, 0)).toBe(list.length);
        for (const [at, bar] of bars.slice(1).entries()) {
          expect(bar.from === bars[at]?.to).toBe(true);
        }
        // JSON does not tell -0 from 0.
        expect(bars.at(-1)?.to === Math.max(...list)).toBe(true);
      }),
    );
  });

  it("counts by its own edges, also where these are rounded", async ({ expect }) => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -30, max: 30 }).map((tenths) => tenths / 10),
      fc.integer({ min: 0, max: 20 }).map((steps) => steps * 5e-324),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(number, { minLength: 1 }),
        fc.integer({ min: 1, max: 20 }),
        async (list, bins) => {
          const bars = (await outputOf({ name: "histogram", bins }, list)) as {
            from: number;
            to: number;
            count: number;
          }[];
          for (const [at, { from, to, count }] of bars.entries()) {
            const isLast = at === bars.length - 1;
            const inside = list.filter((n) => n >= from && (n < to || (isLast && n === to)));
            expect(inside).toHaveLength(count);
          }
        },
      ),
    );
  });

  it("of one bar holds all, over any range", async ({ expect }) => {
    const [from, to] = [-Number.MAX_VALUE, Number.MAX_VALUE];
    expect(await outputOf({ name: "histogram", bins: 1 }, [to, from])).toEqual([
      { from, to, count: 2 },
    ]);
  });

  it("of equal numbers is one bar, of none no bar", async ({ expect }) => {
    const huge = 2 ** 1022;
    expect(await outputOf({ name: "histogram", bins: 3 }, [-3 * huge, 0, 3 * huge])).toEqual([
      { from: -3 * huge, to: -huge, count: 1 },
      { from: -huge, to: huge, count: 1 },
      { from: huge, to: 3 * huge, count: 1 },
    ]);
    expect(await outputOf("histogram", [3, 3])).toEqual([{ from: 3, to: 3, count: 2 }]);
    expect(await outputOf("histogram", [])).toEqual([]);
  });
});

describe("groups", () => {
  it("hold every item once, in order, whatever the key is called", async ({ expect }) => {
    const item = fc.record({
      k: fc.constantFrom("a", "__proto__", "constructor", 1, "1", null),
      n: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(item), async (list) => {
        const groups = (await outputOf({ name: "group_by", by: "k" }, list)) as {
          key: unknown;
          items: { k: unknown }[];
        }[];
        for (const { key, items } of groups)
          expect(items).toEqual(list.filter(({ k }) => k === key));
        expect(groups.flatMap(({ items }) => items)).toHaveLength(list.length);
        expect(groups.map(({ key }) => key)).toEqual([...new Set(list.map(({ k }) => k))]);
      }),
    );
  });

  it("are counted, the most frequent first, up to a limit", async ({ expect }) => {
    const items = ["constructor", "b", "__proto__", "b", "__proto__", "b"];
    expect(await outputOf({ name: "frequency", limit: 2 }, items)).toEqual([
      { value: "b", count: 3 },
      { value: "__proto__", count: 2 },
    ]);
    expect(await outputOf({ name: "frequency", by: "length(@)" }, ["a", "bb", "c"])).toEqual([
      { value: 1, count: 2 },
      { value: 2, count: 1 },
    ]);
  });
});

describe("join", () => {
  it("leaves out what is no text and refuses to make a book", async ({ expect }) => {
    expect(await run({ name: "join", separator: "" }, ["a", null, 1])).toMatchObject({
      value: "a1",
      errors: [{ index: 1 }],
    });
    const items = Array.from({ length: 10_000 }, () => "x");
    await expect(run({ name: "join", separator: "-".repeat(1_000) }, items)).rejects.toThrow(
      "The text would be 10009000 characters long",
    );
  });
});
