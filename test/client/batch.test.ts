// Batches through the client, against the Worker itself.
import { afterEach, describe, it } from "vitest";
import type { BatchOperation } from "../../src/client/wire";
import type { NewBatch } from "../../src/client/api";
import { collect, fakeClient, workerClient } from "../support/client";
import { fakeUpstreams, submitJob, texts, urls, withoutBackoff } from "../support/jobs";
import { restoreWorld } from "../support/users";
import { outputOf } from "../support/results";

afterEach(restoreWorld);

const client = workerClient();

describe("the list of batches", () => {
  it("has all of a label, and those that are removed no more", async ({ expect }) => {
    const label = crypto.randomUUID();
    for (let n = 0; n < 2; n += 1)
      await (await client.batch({ operation: "uppercase", items: ["a"], label })).wait();
    const listed = await collect(client.batches.list({ label, status: ["completed", "paused"] }));
    expect(listed).toMatchObject([
      { label, status: "completed", succeeded: 1 },
      { label, status: "completed", succeeded: 1 },
    ]);
    expect((await client.batches.page({ label, limit: 1 })).next_cursor).not.toBeNull();
    const before = new Date(Date.now() + 60_000).toISOString();
    expect(await client.batches.remove({ status: "completed", before })).toBeGreaterThan(1);
    expect(await collect(client.batches.list({ label }))).toEqual([]);
  });
});

describe("a batch", () => {
  it("of items is followed to its end and read in order", async ({ expect }) => {
    const batch = await client.batch({ operation: "uppercase", items: ["a", "b", "c"] });
    expect(batch.id).toMatch(/^[0-9a-f-]{36}$/);
    const end = await batch.wait();
    expect(end).toMatchObject({ status: "completed", total: 3, succeeded: 3, failed: 0 });
    expect(await batch.status()).toEqual(end);
    const results = await collect(batch.results());
    expect(results.map(outputOf)).toEqual(["A", "B", "C"]);
    await batch.remove();
    await expect(batch.status()).rejects.toMatchObject({ code: "not-found" });
  });

  it.for([
    ["text in NDJSON", '"a"\n"b"\n', undefined],
    ["text in CSV", "letter\na\nb\n", "csv"],
    ["a file whose name says CSV", new File(["letter\na\nb\n"], "Letters.CSV"), undefined],
    ["a blob whose type says CSV", new Blob(["x\na\nb\n"], { type: "text/csv" }), undefined],
    ["a blob of which nothing is known", new Blob(['"a"\n"b"']), undefined],
  ] as const)("is made of %s", async ([, file, format], { expect }) => {
    const batch = await client.batch({
      operation: [{ name: "pad", length: 2, with: "-" }, "uppercase"],
      file,
      ...(format && { format }),
      options: { concurrency: 2 },
    });
    await batch.wait();
    const results = await collect(batch.results());
    expect(results.map(outputOf)).toEqual(["A-", "B-"]);
  });

  it("of more items than JSON may have goes as NDJSON", async ({ expect }) => {
    const batch = await client.batch({ operation: "uppercase", items: texts(10_001) });
    const end = await batch.wait();
    expect(end).toMatchObject({ total: 10_001, succeeded: 10_001 });
    let count = 0;
    for await (const { index } of batch.results()) expect(index).toBe(count++);
    expect(count).toBe(10_001);
  });

  it("tells every bad item before anything starts", async ({ expect }) => {
    const items = [
      { name: "Ada", email: "ada@example.com" },
      { name: "", email: "nowhere" },
    ];
    await expect(client.batch({ operation: "users", items })).rejects.toMatchObject({
      code: "invalid-body",
      errors: [{ pointer: "#/items/1/name" }, { pointer: "#/items/1/email" }],
    });
  });

  it("runs its failed items again", async ({ expect }) => {
    withoutBackoff();
    let isUp = false;
    fakeUpstreams(({ n }) => {
      if (n === 1 && !isUp) throw new TypeError("Network connection lost.");
      return Response.json({ n });
    });
    const operation = "external-api";
    const options = { max_attempts: 1 };
    const batch = await client.batch({ operation, options, items: urls(2) });
    expect(await batch.wait()).toMatchObject({ status: "completed", failed: 1 });
    const failures = await collect(batch.results({ only: "failed" }));
    expect(failures).toMatchObject([{ index: 1, status: "failed", error: { code: "network" } }]);
    isUp = true;
    await batch.retry();
    expect(await batch.wait()).toMatchObject({ status: "completed", succeeded: 2, failed: 0 });
  });

  it("that is known by its id is paused, resumed and cancelled", async ({ expect }) => {
    const { id } = await submitJob(["a"]);
    const batch = workerClient({ token: "" }).batchById(id);
    expect(await batch.pause()).toMatchObject({ id, status: "paused" });
    expect(await batch.resume()).toMatchObject({ id });
    await batch.wait();
    await expect(batch.cancel()).rejects.toMatchObject({ code: "wrong-state", status: 409 });
    const other = client.batchById((await submitJob(["a"])).id);
    await other.pause();
    expect(await other.cancel()).toMatchObject({ status: "cancelled" });
    expect(await other.wait()).toMatchObject({ status: "cancelled" });
  });
});

describe("the start of a batch", () => {
  it("is repeated with one key and the whole file", async ({ expect }) => {
    const { client: broken, calls } = fakeClient((_, count) =>
      count === 1
        ? Promise.reject(new TypeError("Network connection lost."))
        : Response.json({ id: "b1" }, { status: 202 }),
    );
    const file = new Blob(['"a"']);
    const operation: BatchOperation = [{ name: "pad", length: 2 }];
    const batch: NewBatch = {
      operation,
      file,
      notify: ["ops", "chat"],
      options: { max_attempts: 2 },
    };
    expect((await broken.batch(batch)).id).toBe("b1");
    const [first, second] = calls;
    expect(second).toEqual(first);
    expect(first?.body).toBe(file);
    const { searchParams } = new URL(first?.url ?? "");
    expect(Object.fromEntries(searchParams)).toEqual({
      operation: '[{"name":"pad","length":2}]',
      notify: "ops,chat",
      max_attempts: "2",
    });
  });
});
