// Items on their way in: what is refused, and how they are packed.
import { describe, it } from "vitest";
import { BatchItems } from "../../../src/domain/batches/batch-items";
import type { NewChunk } from "../../../src/domain/batches/job-record";
import { DomainError, type Fault } from "../../../src/domain/errors";
import { upstreamOf } from "../../support/fake-calls";
import { texts } from "../../support/jobs";

const NOBODY = {
  upstreams: new Map(),
  hasToken: false,
  channels: new Map([["ops", { type: "ntfy" as const, isPublic: true }]]),
};
const batch = (operation: unknown = "uppercase", maxItems = 100_000) =>
  new BatchItems({ operation, maxItems }, NOBODY);

/** The faults for which a batch is refused. */
function faultsOf(items: BatchItems): readonly Fault[] {
  try {
    items.finish();
  } catch (error) {
    if (error instanceof DomainError && error.code === "invalid-body")
      return error.options.errors ?? [];
    throw error;
  }
  return [];
}

const itemsOf = ({ items }: NewChunk): unknown[] =>
  JSON.parse(`[${new TextDecoder().decode(items)}]`);

describe("packing", () => {
  it("makes chunks of hundreds of items for pure work, and of few for calls", ({ expect }) => {
    const pure = batch();
    for (const text of texts(2100)) pure.add(text);
    const chunks = pure.finish();
    expect(chunks.map(({ first, size }) => [first, size])).toEqual([
      [0, 1000],
      [1000, 1000],
      [2000, 100],
    ]);
    expect(chunks.flatMap(itemsOf)).toEqual(texts(2100));

    const calls = batch("external-api");
    for (const _ of texts(250)) calls.add("https://up.example/");
    expect(calls.finish().map(({ size }) => size)).toEqual([100, 100, 50]);
  });

  it("keeps a chunk within a row", ({ expect }) => {
    const items = batch();
    for (const _ of [1, 2, 3, 4, 5]) items.add("€".repeat(200_000));
    const chunks = items.finish();
    expect(chunks.map(({ first, size }) => [first, size])).toEqual(
      [0, 1, 2, 3, 4].map((n) => [n, 1]),
    );
    for (const chunk of chunks) expect(chunk.items.length).toBeLessThan(1_600_000);
  });

  it("hands complete chunks over while items come in, each once", ({ expect }) => {
    const items = batch();
    for (const text of texts(1100)) items.add(text);
    expect(items.takeFull().map(({ first }) => first)).toEqual([0]);
    expect(items.takeFull()).toEqual([]);
    expect(items.finish().map(({ first, size }) => [first, size])).toEqual([[1000, 100]]);
    expect(items.count).toBe(1100);
  });

  it("says when the complete chunks are many enough for one call", ({ expect }) => {
    const items = batch();
    let count = 0;
    for (; !items.isFull && count < 1000; count += 1) items.add("x".repeat(100_000));
    expect(count).toBeLessThan(20);
    const size = items.takeFull().reduce((sum, chunk) => sum + chunk.items.length, 0);
    expect(size).toBeGreaterThan(250_000);
    expect(size).toBeLessThan(2_000_000);
    expect(items.isFull).toBe(false);
  });

  it("keeps the JSON that came in", ({ expect }) => {
    const items = batch();
    items.add(1, { json: "1.0" });
    expect(items.finish().map(({ items }) => new TextDecoder().decode(items))).toEqual(["1.0"]);
  });
});

describe("refusing", () => {
  it("names every bad item at once, and at most 100", ({ expect }) => {
    const items = batch("users");
    for (let index = 0; index < 300; index += 1) {
      items.add(
        index % 2 === 0 ? { name: "Ada", email: `a${index}@example.com` } : { name: "Ada" },
      );
    }
    const faults = faultsOf(items);
    expect(faults).toHaveLength(100);
    expect(faults.slice(0, 2).map(({ pointer }) => pointer)).toEqual([
      "#/items/1/email",
      "#/items/3/email",
    ]);
  });

  it("names what cannot be read by its place", ({ expect }) => {
    const items = batch();
    items.add("a");
    items.addUnreadable("The line is not JSON");
    items.add("b");
    items.addUnreadable("The line is not JSON");
    expect(faultsOf(items).map(({ pointer }) => pointer)).toEqual(["#/items/1", "#/items/3"]);
  });

  it("refuses no items, and too many", ({ expect }) => {
    expect(faultsOf(batch())).toEqual([{ pointer: "#/items", detail: "No items" }]);
    const items = batch("uppercase", 3);
    for (const text of texts(3)) items.add(text);
    expect(items.isOver).toBe(false);
    items.add("one more");
    expect(items.isOver).toBe(true);
    expect(faultsOf(items)).toEqual([{ pointer: "#/items", detail: "At most 3 items" }]);
  });

  it("refuses an item that fits into no row", ({ expect }) => {
    const items = batch();
    items.add("x".repeat(524_286));
    items.add("x".repeat(524_287));
    expect(faultsOf(items).map(({ pointer }) => pointer)).toEqual(["#/items/1"]);
  });

  it("refuses items that are too much together, and says so once", ({ expect }) => {
    const items = batch();
    let count = 0;
    for (; !items.isOver && count < 1000; count += 1) {
      items.add("x".repeat(500_000));
      items.takeFull();
    }
    expect(count).toBeLessThan(140);
    expect(faultsOf(items)).toEqual([
      { pointer: "#/items", detail: "More than 67108864 characters as JSON" },
    ]);
  });

  it("refuses calls that wait for others", ({ expect }) => {
    const items = new BatchItems({ operation: "external-api", maxItems: 10 }, NOBODY);
    items.add({ url: "https://up.example/", after: ["0"] });
    expect(faultsOf(items).map(({ pointer }) => pointer)).toEqual(["#/items/0/after"]);
  });

  it("refuses calls that a named upstream is not open for", ({ expect }) => {
    const upstreams = new Map([["up", upstreamOf({ public: true, paths: ["/a"] })]]);
    const items = new BatchItems(
      { operation: "external-api", maxItems: 10 },
      { ...NOBODY, upstreams },
    );
    items.add({ upstream: "up", path: "/a" });
    items.add({ upstream: "up", path: "/b" });
    items.add({ upstream: "none", path: "/" });
    expect(faultsOf(items).map(({ pointer }) => pointer)).toEqual([
      "#/items/1/path",
      "#/items/2/upstream",
    ]);
  });
});

describe("tasks", () => {
  const items = (...tasks: object[]) => {
    const all = batch("tasks");
    for (const task of tasks) all.add({ title: "x", ...task });
    return all;
  };
  const KNOWN = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
  const UNKNOWN = "0190f5ac-7a5c-7c3e-8a3a-ffffffffffff";
  const missing = async (ids: readonly string[]) => ids.filter((id) => id === UNKNOWN);

  it("may name only channels that there are", ({ expect }) => {
    const all = items(
      { notify: ["ops"] },
      { notify: ["ops", "nope"] },
      { title: "", notify: ["no"] },
    );
    expect(faultsOf(all).map(({ pointer }) => pointer)).toEqual([
      "#/items/1/notify/1",
      "#/items/2/title",
      "#/items/2/notify/0",
    ]);
  });

  it("may name only users that there are, looked up once each", async ({ expect }) => {
    const all = items(
      { assignee_id: KNOWN },
      { assignee_id: UNKNOWN },
      {},
      { assignee_id: UNKNOWN.toUpperCase() },
    );
    const asked: string[][] = [];
    await all.checkAssignees((ids) => {
      asked.push([...ids]);
      return missing(ids);
    });
    await all.checkAssignees(missing);
    expect(asked).toEqual([[KNOWN, UNKNOWN]]);
    expect(faultsOf(all).map(({ pointer }) => pointer)).toEqual([
      "#/items/1/assignee_id",
      "#/items/3/assignee_id",
    ]);
  });

  it("are looked up no second time when they come later", async ({ expect }) => {
    const all = items({ assignee_id: KNOWN }, { assignee_id: UNKNOWN });
    await all.checkAssignees(missing);
    for (const assignee_id of [UNKNOWN, KNOWN]) all.add({ title: "x", assignee_id });
    await all.checkAssignees(() => Promise.reject(new Error("asked again")));
    expect(faultsOf(all).map(({ pointer }) => pointer)).toEqual([
      "#/items/1/assignee_id",
      "#/items/2/assignee_id",
    ]);
  });

  it("may name 50,000 users, and no more", async ({ expect }) => {
    const idOf = (index: number) => `01900000-0000-7000-8000-${String(index).padStart(12, "0")}`;
    const all = batch("tasks");
    for (let index = 0; index < 50_000; index += 1) {
      all.add({ title: "x", assignee_id: idOf(index) });
    }
    await all.checkAssignees(async () => []);
    expect(all.faults).toEqual([]);
    all.add({ title: "x", assignee_id: idOf(50_000) });
    await all.checkAssignees(() => Promise.reject(new Error("asked for too many")));
    expect(all.faults).toEqual([
      { pointer: "#/items", detail: "More than 50000 different assignees" },
    ]);
  });
});

it("An id may stand at one call of a batch only", ({ expect }) => {
  const all = batch("external-api");
  for (const id of ["a", "b", "a", "a"]) all.add({ id, url: "https://a.example/" });
  all.add({ id: "5", url: "https://a.example/" });
  all.add("https://a.example/");
  expect(faultsOf(all).map(({ pointer }) => pointer)).toEqual([
    "#/items/2/id",
    "#/items/3/id",
    "#/items/5/id",
  ]);
});
