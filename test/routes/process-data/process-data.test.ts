// POST /process-data and its catalogue: operations through the public door.
import * as v from "valibot";
import { describe, it } from "vitest";
import { listOperationsRoute } from "../../../src/routes/process-data/list-operations";
import { processDataRoute } from "../../../src/routes/process-data/process-data";
import { expectProblem } from "../../support/problem";
import { AUTHORIZATION, post, send } from "../../support/worker";

const CLOSED = { PUBLIC_ENDPOINTS: "" };

async function process(body: unknown) {
  const response = await post("/process-data", body);
  return v.parse(processDataRoute.reply.schema, await response.json());
}

describe("one operation", () => {
  it("changes each item in its place, and names those it cannot take", async ({ expect }) => {
    const items = ["kopi", 7, "teh", null];
    expect(await process({ items, operation: "uppercase" })).toMatchObject({
      operation: "uppercase",
      original_count: 4,
      processed_items: ["KOPI", null, "TEH", null],
      errors: [{ index: 1 }, { index: 3 }],
    });
  });

  it("takes parameters, pipelines and summaries", async ({ expect }) => {
    const items = ["  satu ", "dua", "dua"];
    const truncate = { name: "truncate", length: 2 };
    expect(await process({ items, operation: ["trim", truncate, "unique"] })).toHaveProperty(
      "processed_items.length",
      2,
    );
    const summary = await process({ items, operation: "count" });
    expect(summary).toMatchObject({ value: 3 });
    expect(summary).not.toHaveProperty("processed_items");
  });

  it("runs ten thousand items through three steps in one request", async ({ expect }) => {
    const items = Array.from({ length: 10_000 }, (_, index) => `  Item ${index} `);
    const reply = await process({ items, operation: ["trim", "uppercase", "reverse"] });
    expect(reply).toMatchObject({ original_count: 10_000, errors: [] });
    expect(reply).toHaveProperty("processed_items.0", "0 METI");
    expect(reply).toHaveProperty("processed_items.9999", "9999 METI");
  });

  it("may cost, by the published prices, exactly as much as a request may", async ({ expect }) => {
    // 100 an item and 9 a character: a hundredth of what ten pipelines of ten steps may cost.
    const texts = ["a".repeat(555_499), "a", "", "", ""];
    const steps = Array.from({ length: 10 }, () => "normalize");
    const operations = Array.from({ length: 10 }, () => steps);
    const statuses = async (items: readonly string[]) => {
      const reply = await process({ items, operations });
      return "results" in reply ? reply.results.map(({ status }) => status) : [];
    };
    expect(await statuses(texts)).toEqual(operations.map(() => "fulfilled"));
    expect((await statuses([...texts.slice(1), `${texts[0]}a`])).at(-1)).toBe("rejected");
  });

  it("is refused with a pointer to what is wrong with it", async ({ expect }) => {
    const refusals: [operation: unknown, pointer: string][] = [
      ["no_such_operation", "#/operation"],
      [{ name: "truncate", length: -1 }, "#/operation/length"],
      [["trim", { name: "pad", length: 1e12 }], "#/operation/1/length"],
      [["count", "trim"], "#/operation"],
      [{ name: "chunk", size: 0 }, "#/operation/size"],
      [42, "#/operation"],
    ];
    for (const [operation, pointer] of refusals) {
      const response = await post("/process-data", { items: ["a"], operation });
      const { errors = [] } = await expectProblem(expect, response, "invalid-body");
      expect(errors[0]?.pointer, JSON.stringify(operation)).toContain(pointer);
    }
  });
});

it("A step that costs too much is refused before it starts", async ({ expect }) => {
  const operation = [{ name: "pad", length: 1_000 }, ...Array.from({ length: 9 }, () => "sort")];
  const items = Array.from({ length: 10_000 }, () => "x");
  const response = await post("/process-data", { items, operation });
  const { errors } = await expectProblem(expect, response, "invalid-body");
  expect(errors).toMatchObject([
    {
      pointer: "#/operation",
      detail: expect.stringMatching(/^Step 2, sort, costs 513700000 over 10000 items of 10000000/),
    },
  ]);
});

describe("a reply", () => {
  const padded = (count: number, fill: string) => ({
    items: Array.from({ length: count }, () => "a"),
    operation: { name: "pad", length: 10_000, with: fill },
  });

  it("is bounded by the bytes of its JSON, and says how many there would be", async ({
    expect,
  }) => {
    const response = await post("/process-data", padded(1_500, "\u0001"));
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toMatchObject([
      {
        pointer: "#/operation",
        detail: expect.stringMatching(
          /^The result is 8\d{7} bytes of JSON; a reply has at most 16777216/,
        ),
      },
    ]);
  });

  it("is counted no further once it is far beyond its bound", async ({ expect }) => {
    const table = { a: Array.from({ length: 20_000 }, (_, n) => `text ${n}`) };
    const items = Array.from({ length: 10_000 }, () => "a");
    const response = await post("/process-data", { items, operation: { name: "lookup", table } });
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toMatchObject([
      { detail: expect.stringMatching(/^The result is over 134217728 bytes of JSON/) },
    ]);
  });

  it("below its bound is whole, in pieces that make up one JSON", async ({ expect }) => {
    const reply = await process(padded(1_500, "x"));
    expect(reply).toMatchObject({ original_count: 1_500, errors: [] });
    expect(reply).toHaveProperty("processed_items.length", 1_500);
    expect(reply).toHaveProperty("processed_items.1499", `a${"x".repeat(9_999)}`);
  });

  it("is made of what is over the bound of memory, as long as it is below its own", async ({
    expect,
  }) => {
    const reply = await process(padded(1_677, "x"));
    expect(reply).toHaveProperty("processed_items.1676.length", 10_000);
  });

  it("is shared by several operations: what does not fit is rejected", async ({ expect }) => {
    const { items, operation } = padded(900, "x");
    const reply = await process({ items, operations: [operation, operation, "count"] });
    expect(reply).toMatchObject({
      results: [
        { status: "fulfilled", errors: [] },
        {
          status: "rejected",
          error: { code: "too-large", detail: expect.stringContaining("of which") },
        },
        { status: "fulfilled", value: 900 },
      ],
    });
  });
});

describe("several operations", () => {
  it("have no longer a reply than one, whatever stands around their results", async ({
    expect,
  }) => {
    const length = async (last: number) => {
      // Sixteen mebibytes, but for what stands around the texts.
      const items = [...Array<string>(16).fill("a".repeat(1_048)), "b".repeat(last)];
      const operation = { name: "replace", search: "a", replacement: "x".repeat(1_000) };
      const response = await post("/process-data", { items, operations: [operation, "count"] });
      const reply = await response.text();
      return reply.includes('"rejected"') ? Infinity : reply.length;
    };
    const [bound, base] = [16 * 1_024 * 1_024, await length(0)];
    expect(await length(bound - base - 700)).toBeLessThanOrEqual(bound);
    for (const missing of [60, 30, 0])
      expect(await length(bound - base + 1 - missing)).toSatisfy(
        (bytes: number) => bytes === Infinity || bytes <= bound,
      );
  });

  it("give what each gives alone, whatever its steps, and so does a long list", async ({
    expect,
  }) => {
    const pipelines = [
      ["sort", "uppercase"],
      ["to_number", "sort", "json_stringify", "length"],
      ["length", "unique", { name: "skip", count: 1 }, "to_number", "round"],
      [{ name: "chunk", size: 2 }, "length", "uppercase"],
    ];
    const items = ["b", "10", "a", "9", "b"];
    const alone = await Promise.all(pipelines.map((operation) => process({ items, operation })));
    const results = alone.map(({ original_count, duration_ms, ...outcome }) => outcome);
    expect(await process({ items, operations: pipelines })).toMatchObject({ results });
    const long = Array.from({ length: 5_000 }, (_, n) => `a text of ${10_000 + n}`);
    const reply = await process({ items: long.toReversed(), operation: ["sort", "uppercase"] });
    expect(reply).toMatchObject({ processed_items: long.map((text) => text.toUpperCase()) });
  });

  it("run over the same items, each with its own outcome", async ({ expect }) => {
    const operations = ["uppercase", ["unique", "sort"], "count", { name: "sum" }];
    const reply = await process({ items: ["b", "a", "b"], operations });
    expect(reply).toMatchObject({
      original_count: 3,
      results: [
        { operation: "uppercase", status: "fulfilled", processed_items: ["B", "A", "B"] },
        { operation: ["unique", "sort"], status: "fulfilled", processed_items: ["a", "b"] },
        { operation: "count", status: "fulfilled", value: 3 },
        { status: "fulfilled", errors: [{ index: 0 }, { index: 1 }, { index: 2 }] },
      ],
    });
  });

  it("do not touch each other when one is refused as it runs", async ({ expect }) => {
    const long = { name: "join", separator: "x".repeat(1000) };
    const items = Array.from({ length: 10_000 }, () => "item");
    const reply = await process({ items, operations: [long, "count"] });
    expect(reply).toMatchObject({
      results: [
        { status: "rejected", error: { code: "too-large" } },
        { status: "fulfilled", value: 10_000 },
      ],
    });
  });
});

it("What has neither items nor an operation, or too many, is refused", async ({ expect }) => {
  const bodies = [
    {},
    { items: [], operation: "trim" },
    { items: ["a"] },
    { items: ["a"], operation: "trim", operations: ["trim"] },
    // Of two families that nothing before has loaded.
    { items: ["a"], operation: "template", operations: ["number_format"] },
    { items: ["a"], operations: [] },
    { items: ["a"], operations: Array(11).fill("trim") },
    { items: Array(10_001).fill(0), operation: "trim" },
  ];
  for (const body of bodies) {
    await expectProblem(expect, await post("/process-data", body), "invalid-body");
  }
});

it("GET lists every operation with an example that POST answers as it says", async ({ expect }) => {
  const response = await send("/process-data");
  const { operations } = v.parse(listOperationsRoute.reply.schema, await response.json());
  expect(operations.length).toBeGreaterThanOrEqual(50);
  for (const { name, kind, example } of operations) {
    const { operation, input: items } = example;
    expect(typeof operation === "string" ? operation : Object(operation).name).toBe(name);
    const reply = await process({ items, operation });
    if (name === "uuid") continue;
    const output =
      kind === "summary" ? { value: example.output } : { processed_items: example.output };
    expect(reply, name).toMatchObject(output);
  }
});

it("The list comes in pages where a limit is given, each with what leads to the next", async ({
  expect,
}) => {
  const read = async (path: string) => {
    const response = await send(path);
    const reply = v.parse(listOperationsRoute.reply.schema, await response.json());
    const names = reply.operations.map(({ name }) => name);
    return { names, next: reply.next_cursor, link: response.headers.get("Link") };
  };
  for (const filter of ["", "&kind=summary", "&q=date"]) {
    const names: string[] = [];
    let path: string | undefined = `/process-data?limit=5${filter}`;
    while (path !== undefined) {
      const page = await read(path);
      names.push(...page.names);
      path = /^<https?:\/\/[^/]+(.+)>; rel="next"$/.exec(page.link ?? "")?.[1];
      expect(page.next === null).toBe(path === undefined);
    }
    const all = await read(`/process-data?${filter.slice(1)}`);
    expect(names).toEqual(all.names);
    expect(all).toMatchObject({ next: null, link: null });
  }
  const { next } = await read("/process-data?limit=5");
  const others = [`cursor=${next}&kind=item`, `cursor=${next}&order=desc`, "family=date"];
  for (const query of ["limit=0", "limit=101", "cursor=none", "order=up", ...others])
    await expectProblem(expect, await send(`/process-data?${query}`), "malformed-request");
});

it("The list comes whole as CSV or NDJSON, and from the end where that is asked", async ({
  expect,
}) => {
  const path = "/process-data?kind=summary&limit=2&order=desc";
  const read = async (mediaType: string) => {
    const response = await send(path, { headers: { Accept: mediaType } });
    expect(response.headers.get("Content-Type")).toContain(mediaType);
    return (await response.text()).trim().split(/\r?\n/);
  };
  const names = (await read("application/x-ndjson")).map((line) => JSON.parse(line).name);
  const rows = (await read("text/csv")).map((line) => line.split(",")[0]);
  expect(names).toContain("count");
  expect(rows).toEqual(["name", ...names]);
  const page = v.parse(listOperationsRoute.reply.schema, await (await send(path)).json());
  expect(page.operations.map(({ name }) => name)).toEqual(names.slice(0, 2));
});

it("The list is as public as the endpoint", async ({ expect }) => {
  await expectProblem(expect, await send("/process-data", {}, CLOSED), "unauthorized");
  expect((await send("/process-data", { headers: AUTHORIZATION }, CLOSED)).status).toBe(200);
});
