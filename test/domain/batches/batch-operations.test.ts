import * as v from "valibot";
import { describe, it } from "vitest";
import {
  BatchOperation,
  BatchRequest,
  isEndpointOperation,
  itemFaults,
} from "../../../src/domain/batches/batch-operations";
import { pipelineOf } from "../../../src/domain/batches/pipeline-of";
import { loadAllOperations } from "../../support/load-operations";

await loadAllOperations();

const pointersOf = (schema: v.GenericSchema, value: unknown) =>
  v.safeParse(schema, value).issues?.map((issue) => [v.getDotPath(issue), issue.message]) ?? [];

describe("BatchOperation", () => {
  it.for([
    "users",
    "external-api",
    "uppercase",
    { name: "truncate", length: 5 },
    ["trim", "lowercase", { name: "truncate", length: 5 }],
  ])("takes %j, and keeps it as it was asked for", (operation, { expect }) => {
    expect(v.parse(BatchOperation, operation)).toEqual(operation);
  });

  it.for(["unique", "count", ["trim", "unique"], { name: "take", count: 3 }])(
    "refuses %j, which is not about single items",
    (operation, { expect }) => {
      const [fault] = pointersOf(BatchOperation, operation);
      expect(fault?.[1]).toBe("Only operations that take one item and give one");
    },
  );

  it("says what is wrong, and where", ({ expect }) => {
    expect(pointersOf(BatchOperation, "upercase")[0]?.[1]).toContain("upercase");
    expect(pointersOf(BatchOperation, ["trim", { name: "truncate", length: -1 }])[0]?.[0]).toBe(
      "1.length",
    );
    for (const nonsense of [null, 7, {}, [], { name: "users" }])
      expect(v.is(BatchOperation, nonsense)).toBe(false);
  });

  it("can be read again once it is stored", async ({ expect }) => {
    const pipeline = await pipelineOf(["trim", "uppercase"]);
    expect(pipeline?.steps.map(({ name }) => name)).toEqual(["trim", "uppercase"]);
    expect(await pipelineOf("no_such_operation")).toBeNull();
    expect(isEndpointOperation("users")).toBe(true);
    expect(isEndpointOperation("uppercase")).toBe(false);
  });
});

describe("BatchRequest", () => {
  it("takes 1 to 10,000 items", ({ expect }) => {
    const request = (count: number) => ({ operation: "trim", items: Array(count).fill(null) });
    expect(v.is(BatchRequest, request(1))).toBe(true);
    expect(v.is(BatchRequest, request(10_000))).toBe(true);
    expect(v.is(BatchRequest, request(0))).toBe(false);
    expect(v.is(BatchRequest, request(10_001))).toBe(false);
  });
});

describe("itemFaults", () => {
  const pointers = (operation: string, item: unknown) =>
    itemFaults(operation, item, "#/items/7").map(({ pointer }) => pointer);

  it("finds nothing wrong with any JSON for a pipeline", ({ expect }) => {
    for (const item of [null, 1, "a", [], {}]) expect(pointers("uppercase", item)).toEqual([]);
  });

  it("names every fault of a user by its place in the body", ({ expect }) => {
    expect(pointers("users", { name: "Ada", email: "ada@example.com" })).toEqual([]);
    expect(pointers("users", { name: "", email: "nobody", shoe: 1 })).toEqual([
      "#/items/7/name",
      "#/items/7/email",
      "#/items/7/shoe",
    ]);
    expect(pointers("users", "ada@example.com")).toEqual(["#/items/7"]);
  });

  it("takes a call as a URL or as a request", ({ expect }) => {
    expect(pointers("external-api", "https://a.example/")).toEqual([]);
    expect(pointers("external-api", { url: "https://a.example/", retries: 5 })).toEqual([]);
    expect(pointers("external-api", "ftp://a.example/")).toEqual(["#/items/7"]);
    expect(pointers("external-api", { url: "https://a.example/", retries: 6 })).toEqual([
      "#/items/7/retries",
    ]);
    expect(pointers("external-api", null)).toEqual(["#/items/7"]);
  });
});
