import * as fc from "fast-check";
import { describe, it } from "vitest";
import { canonicalJson } from "../../../src/lib/canonical-json";
import { outputOf, run } from "./run-operation";

const items = fc.array(
  fc.oneof(
    fc.integer({ max: 5, min: 0 }),
    fc.constantFrom("a", "b", "", null, true),
    fc.jsonValue({ maxDepth: 2 }),
  ),
);
const listOf = async (...args: Parameters<typeof outputOf>) =>
  (await outputOf(...args)) as unknown[];

describe("unique", () => {
  it("is idempotent, keeps the first of each value and loses none", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(items, async (list) => {
        const once = await listOf("unique", list);
        expect(await listOf("unique", once)).toEqual(once);
        expect(once.map(canonicalJson)).toEqual([...new Set(list.map(canonicalJson))]);
      }),
    );
  });

  it("sees equal objects as equal in any order of keys, and types apart", async ({ expect }) => {
    expect(await listOf("unique", [{ a: 1, b: 2 }, { b: 2, a: 1 }, 1, "1", null, "null"])).toEqual([
      { a: 1, b: 2 },
      1,
      "1",
      null,
      "null",
    ]);
    expect(
      await listOf({ name: "unique", by: "id" }, [
        { id: 1, n: 1 },
        { id: 1, n: 2 },
      ]),
    ).toEqual([{ id: 1, n: 1 }]);
  });
});

it.for([
  ["unique", [1, null, "a"]],
  [
    "frequency",
    [
      { value: 1, count: 2 },
      { value: "a", count: 1 },
    ],
  ],
] as const)(
  "%s refuses an item that it cannot compare, and no other",
  async ([name, expected], { expect }) => {
    const deep: unknown = JSON.parse("[".repeat(101) + "]".repeat(101));
    const outcome = await run(name, [1, deep, "a", 1]);
    expect(outcome.errors).toMatchObject([{ index: 1, code: "too-large" }]);
    expect("value" in outcome ? outcome.value : outcome.processed_items).toMatchObject(expected);
  },
);

describe("sort", () => {
  it("is stable, idempotent, and changes no item", async ({ expect }) => {
    const pair = fc.record({ key: fc.integer({ min: 0, max: 3 }), at: fc.nat() });
    await fc.assert(
      fc.asyncProperty(fc.array(pair), async (list) => {
        const sorted = await listOf({ name: "sort", by: "key" }, list);
        expect(sorted).toEqual(list.toSorted((a, b) => a.key - b.key));
        const down = await listOf({ name: "sort", by: "key", order: "desc" }, list);
        expect(down).toEqual(list.toSorted((a, b) => b.key - a.key));
      }),
    );
    await fc.assert(
      fc.asyncProperty(items, async (list) => {
        const once = await listOf("sort", list);
        expect(await listOf("sort", once)).toEqual(once);
        expect(once.map(canonicalJson).toSorted()).toEqual(list.map(canonicalJson).toSorted());
      }),
    );
  });

  it("follows the locale and, where asked, numbers in texts", async ({ expect }) => {
    expect(await listOf({ name: "sort", locale: "sv" }, ["ö", "z", "ä", "a"])).toEqual([
      "a",
      "z",
      "ä",
      "ö",
    ]);
    expect(await listOf({ name: "sort", locale: "de" }, ["ö", "z", "ä", "a"])).toEqual([
      "a",
      "ä",
      "ö",
      "z",
    ]);
    expect(await listOf("sort", ["a10", "a9"])).toEqual(["a10", "a9"]);
    expect(await listOf({ name: "sort", numeric: true }, ["a10", "a9"])).toEqual(["a9", "a10"]);
  });
});

describe("an item that `by` fails on", () => {
  const items = ["bbb", 5, "a", 7, "cc", "dd"];

  it("comes last, whatever the order", async ({ expect }) => {
    const sort = (order: string) => run({ name: "sort", by: "length(@)", order }, items);
    const errors = [{ index: 1 }, { index: 3 }];
    expect(await sort("asc")).toMatchObject({
      processed_items: ["a", "cc", "dd", "bbb", null, null],
      errors,
    });
    expect(await sort("desc")).toMatchObject({
      processed_items: ["bbb", "cc", "dd", "a", null, null],
      errors,
    });
  });

  it("is a null in its place among unique ones, and reported once", async ({ expect }) => {
    const unique = { name: "unique", by: "length(@)" };
    expect(await run([unique, unique], items)).toMatchObject({
      processed_items: ["bbb", null, "a", null, "cc"],
      errors: [{ index: 1 }, { index: 3 }],
    });
  });

  it("is left out of a summary, and reported", async ({ expect }) => {
    const outcome = await run({ name: "group_by", by: "length(@)" }, [...items, "e"]);
    expect(outcome).toMatchObject({
      value: [{ key: 3 }, { key: 1, items: ["a", "e"] }, { key: 2, items: ["cc", "dd"] }],
      errors: [{ index: 1 }, { index: 3 }],
    });
  });
});

describe("filter", () => {
  it("keeps what is true for the query, and reports what it fails on", async ({ expect }) => {
    expect(
      await listOf({ name: "filter", expression: "@" }, [0, "", [], {}, null, false, "x"]),
    ).toEqual([0, "x"]);
    expect(
      await run({ name: "filter", expression: "length(@) > `1`" }, ["a", 5, "bc"]),
    ).toMatchObject({
      processed_items: [null, "bc"],
      errors: [{ index: 1, code: "invalid-value" }],
    });
  });

  it("cannot be made to hold more than a step may make", async ({ expect }) => {
    const expression = `[${Array.from({ length: 100 }, () => "@").join(",")}]`;
    const items = ["x".repeat(200_000), "y"];
    expect(await run({ name: "filter", expression }, items)).toMatchObject({
      processed_items: [null, "y"],
      errors: [{ index: 0, code: "too-large" }],
    });
  });

  it("gives each item the same budget, whatever others took", async ({ expect }) => {
    const wide = Array.from({ length: 2_000 }, () => 0);
    const items = [...Array.from({ length: 1_000 }, () => wide), [1]];
    const { errors } = await run({ name: "filter", expression: "[].{a: @}" }, items);
    expect(errors).toEqual([]);
  });
});

describe("sort keys", () => {
  it("may be long texts", async ({ expect }) => {
    const items = ["b", "a"].map((end) => ({ text: "x".repeat(5_000) + end }));
    expect(await listOf({ name: "sort", by: "text" }, items)).toEqual(items.toReversed());
  });

  it("with a crowd of marks are refused: comparing them would take hours", async ({ expect }) => {
    const items = ["\u0301\u0316", "\u0316\u0301"].map((marks) => `a${marks.repeat(100_000)}`);
    expect(await run("sort", [...items, "b"])).toMatchObject({
      processed_items: ["b", null, null],
      errors: [{ code: "too-large" }, { code: "too-large" }],
    });
  });
});

describe("parts", () => {
  it("taken and skipped are together the whole", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(items, fc.nat({ max: 10 }), async (list, count) => {
        const taken = await listOf({ name: "take", count }, list);
        expect([...taken, ...(await listOf({ name: "skip", count }, list))]).toEqual(list);
      }),
    );
  });

  it("chunked and flattened are the whole, in chunks of the size asked for", async ({ expect }) => {
    const scalars = fc.array(fc.oneof(fc.integer(), fc.string()));
    await fc.assert(
      fc.asyncProperty(scalars, fc.integer({ min: 1, max: 5 }), async (list, size) => {
        const chunks = await listOf({ name: "chunk", size }, list);
        expect(
          chunks.slice(0, -1).every((chunk) => Array.isArray(chunk) && chunk.length === size),
        ).toBe(true);
        expect(await listOf([{ name: "chunk", size }, "flatten"], list)).toEqual(list);
      }),
    );
  });

  it("are flattened to the depth asked for", async ({ expect }) => {
    expect(await listOf({ name: "flatten", depth: 2 }, [[[1, [2]]], 3])).toEqual([1, [2], 3]);
    expect(await listOf("flatten", [[], [[]]])).toEqual([[]]);
  });
});

describe("chance", () => {
  it("keeps every item, and repeats itself for the same seed", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.integer()), fc.nat(), async (list, seed) => {
        const shuffled = await listOf({ name: "shuffle", seed }, list);
        expect(new Set(shuffled)).toEqual(new Set(list));
        expect(await listOf({ name: "shuffle", seed }, list)).toEqual(shuffled);
        const sample = await listOf({ name: "sample", seed, count: 3 }, list);
        expect(sample).toHaveLength(Math.min(3, list.length));
        expect(list.filter((item) => sample.includes(item))).toEqual(sample);
      }),
    );
  });

  it("differs without a seed, and moves items about evenly", async ({ expect }) => {
    const list = Array.from({ length: 50 }, (_, n) => n);
    expect(await listOf("shuffle", list)).not.toEqual(await listOf("shuffle", list));
    const firsts = new Set<unknown>();
    for (let seed = 0; seed < 400; seed += 1)
      firsts.add((await listOf({ name: "shuffle", seed }, list))[0]);
    expect(firsts.size).toBeGreaterThan(45);
  });
});
