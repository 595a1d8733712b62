// GET /batch-process/<id>/results: pages, kinds and forms, in input order, also while the batch runs.
import { runInDurableObject } from "cloudflare:test";
import * as v from "valibot";
import { afterEach, describe, it } from "vitest";
import { ItemResult } from "../../../src/domain/batches/item-result";
import { parseCsv } from "../../support/parse-csv";
import { JobStore } from "../../../src/storage/job-store";
import {
  fakeUpstreams,
  readBatch,
  readResults,
  startBatch,
  submitJob,
  texts,
  urls,
} from "../../support/jobs";
import { expectProblem } from "../../support/problem";
import { restoreWorld } from "../../support/users";
import { ORIGIN, send } from "../../support/worker";

afterEach(restoreWorld);

/** Ten items of which every third fails. */
const mixed = async () =>
  (
    await startBatch({
      operation: "uppercase",
      items: texts(10).map((text, n) => (n % 3 === 0 ? n : text)),
    })
  ).id;

/** The body of a reply in this form. */
async function streamed(
  id: string,
  accept: string,
  query = "",
): Promise<{ type: string | null; text: string }> {
  const response = await send(`/batch-process/${id}/results${query}`, {
    headers: { Accept: accept },
  });
  const text = new TextDecoder().decode(await response.arrayBuffer());
  return { type: response.headers.get("Content-Type"), text };
}

const linesOf = (text: string): ItemResult[] =>
  text
    .split("\n")
    .slice(0, -1)
    .map((line) => v.parse(ItemResult, JSON.parse(line)));

describe("pages", () => {
  it("hold every result once, in order, and link to the next", async ({ expect }) => {
    const id = await mixed();
    const seen: number[] = [];
    let query: string | null = "?limit=3";
    for (let pages = 0; query !== null; pages += 1) {
      const response = await send(`/batch-process/${id}/results${query}`);
      const { results, next_cursor } = v.parse(
        v.object({ results: v.array(ItemResult), next_cursor: v.nullable(v.string()) }),
        await response.json(),
      );
      seen.push(...results.map(({ index }) => index));
      query = next_cursor === null ? null : `?limit=3&cursor=${next_cursor}`;
      const link =
        next_cursor === null
          ? null
          : `<${ORIGIN}/batch-process/${id}/results?limit=3&cursor=${next_cursor}>; rel="next"`;
      expect(response.headers.get("Link")).toBe(link);
      expect(pages).toBeLessThan(5);
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("hold 50 unless asked for more, and 1,000 at most", async ({ expect }) => {
    const { id } = await startBatch({ operation: "uppercase", items: texts(1200) });
    expect((await readResults(id, "")).results).toHaveLength(50);
    expect((await readResults(id, "?limit=1000")).results).toHaveLength(1000);
    await expectProblem(
      expect,
      await send(`/batch-process/${id}/results?limit=1001`),
      "malformed-request",
    );
  });

  it("can hold one kind only", async ({ expect }) => {
    const id = await mixed();
    const failed = await readResults(id, "?only=failed&limit=3");
    expect(failed.results.map(({ index }) => index)).toEqual([0, 3, 6]);
    const rest = await readResults(id, `?only=failed&limit=3&cursor=${failed.next_cursor}`);
    expect(rest).toMatchObject({ results: [{ index: 9 }], next_cursor: null });
    const succeeded = await readResults(id, "?only=succeeded");
    expect(succeeded.results.map(({ index }) => index)).toEqual([1, 2, 4, 5, 7, 8]);
    // A cursor holds for its own list alone.
    const others = [`${id}/results?`, `${await mixed()}/results?only=failed&`];
    for (const other of others) {
      const response = await send(`/batch-process/${other}cursor=${failed.next_cursor}`);
      await expectProblem(expect, response, "malformed-request");
    }
  });

  it.for([
    "limit=0",
    "limit=x",
    "only=open",
    "cursor=abc",
    "cursor=i",
    "cursor=%00",
    "limit=1&limit=2",
  ])("are refused for %s", async (query, { expect }) => {
    const id = await mixed();
    await expectProblem(
      expect,
      await send(`/batch-process/${id}/results?${query}`),
      "malformed-request",
    );
  });
});

describe("streams", () => {
  it("hold everything as NDJSON", async ({ expect }) => {
    const id = await mixed();
    const { type, text } = await streamed(id, "application/x-ndjson");
    expect(type).toBe("application/x-ndjson");
    expect(linesOf(text)).toEqual((await readResults(id)).results);
    const failed = linesOf((await streamed(id, "application/x-ndjson", "?only=failed")).text);
    expect(failed.map(({ index }) => index)).toEqual([0, 3, 6, 9]);
  });

  it("hold everything as CSV", async ({ expect }) => {
    const items = [{ a: "1,2" }, 'say "hi"', null, "plain"];
    const { id } = await startBatch({ operation: "json_stringify", items });
    const { type, text } = await streamed(id, "text/csv");
    expect(type).toBe("text/csv; charset=utf-8");
    expect(parseCsv(text)).toEqual([
      ["index", "status", "output", "error", "attempts"],
      ["0", "succeeded", '{"a":"1,2"}', "", "1"],
      ["1", "succeeded", '"say \\"hi\\""', "", "1"],
      ["2", "succeeded", "null", "", "1"],
      ["3", "succeeded", '"plain"', "", "1"],
    ]);
  });

  it("of a batch without results are empty", async ({ expect }) => {
    const { id } = await submitJob(texts(3));
    expect((await streamed(id, "application/x-ndjson")).text).toBe("");
    expect((await streamed(id, "text/csv")).text).toBe("index,status,output,error,attempts\r\n");
  });

  it("break off where the batch is removed meanwhile", async ({ expect }) => {
    const { id } = await startBatch({ operation: "uppercase", items: texts(5000) });
    const headers = { Accept: "application/x-ndjson" };
    const response = await send(`/batch-process/${id}/results`, { headers });
    const reader = response.body?.getReader();
    expect((await reader?.read())?.done).toBe(false);
    await send(`/batch-process/${id}`, { method: "DELETE" });
    const rest = async () => {
      while ((await reader?.read())?.done === false);
    };
    await expect(rest()).rejects.toThrow(/no batch/);
  });

  it("hold results that are more than one call to an object may carry", async ({ expect }) => {
    const { id, stub } = await submitJob(texts(40), {}, 1);
    await runInDurableObject(stub, (_, { storage }) => {
      const store = new JobStore(storage);
      const states = [{ status: "succeeded" as const, attempts: 1, output: "x".repeat(1_000_000) }];
      for (const first of store.unfinished()) store.save(store.load(first), states, 1);
    });
    const { text } = await streamed(id, "application/x-ndjson");
    expect(linesOf(text).map(({ index }) => index)).toEqual(texts(40).map((_, index) => index));
    const page = await readResults(id, "?limit=1000");
    expect(page.results.length).toBeLessThan(20);
    expect(page.next_cursor).not.toBeNull();
  });
});

it("What is finished is there while the rest runs", async ({ expect }) => {
  const gate = Promise.withResolvers<void>();
  const sent = fakeUpstreams(async ({ n }) => {
    if (n >= 12) await gate.promise;
    return Response.json(n);
  });
  const { id, job } = await submitJob(urls(24), { operation: "external-api" }, 12);
  const slice = job.run();
  while (sent.mock.calls.length < 18) await scheduler.wait(1);
  // What has come back is saved within a second.
  while ((await readBatch(id)).succeeded < 12) await scheduler.wait(20);
  const { results, next_cursor } = await readResults(id);
  expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  // There is more to come, from the first unfinished item on.
  expect(await readResults(id, `?cursor=${next_cursor}`)).toMatchObject({
    status: "running",
    pending: 12,
    results: [],
    next_cursor,
  });
  gate.resolve();
  await slice;
  expect((await readResults(id)).results).toHaveLength(24);
});
