// Results of batches: with their inputs, of batches that are not over, and with numbers as they were sent.
import { afterEach, describe, it, vi } from "vitest";
import * as v from "valibot";
import { BatchReply } from "../../../src/domain/batches/batch";
import { fakeUpstreams, readBatch, readResults, startBatch, urls } from "../../support/jobs";
import { AUTHORIZATION, post, send } from "../../support/worker";

afterEach(() => void vi.restoreAllMocks());

const WAIT = { Prefer: "wait=10" };
const LATER = "2099-01-01T00:00:00.000Z";

describe("results", () => {
  it("bring items with them, by row in CSV", async ({ expect }) => {
    const query = new URLSearchParams({ operation: "select", label: "Cities" });
    query.set("operation", JSON.stringify({ name: "select", expression: "city" }));
    const response = await send(`/batch-process?${query.toString()}`, {
      method: "POST",
      headers: { "Content-Type": "text/csv", ...WAIT, ...AUTHORIZATION },
      body: "item_id;city;status\na;Oslo;x\nb;Rome;\n",
    });
    const { id, label }: { id: string; label: string } = await response.json();
    expect(label).toBe("Cities");
    const { results } = await readResults(id, "?input=true");
    expect(results.map((result) => [result.id, result.input])).toEqual([
      ["a", { city: "Oslo", status: "x" }],
      ["b", { city: "Rome" }],
    ]);
    const csv = await send(`/batch-process/${id}/results?input=true`, {
      headers: { Accept: "text/csv" },
    });
    expect((await csv.text()).split("\r\n")).toEqual([
      "index,id,city,input_status,status,output,error,attempts",
      "0,a,Oslo,x,succeeded,Oslo,,1",
      "1,b,Rome,,succeeded,Rome,,1",
      "",
    ]);
  });

  it("bring a null that was sent, as any other item", async ({ expect }) => {
    const { id } = await startBatch({ operation: "json_stringify", items: [null, 1] });
    const { results } = await readResults(id, "?input=true");
    expect(results).toMatchObject([
      { index: 0, input: null, output: "null" },
      { index: 1, input: 1, output: "1" },
    ]);
  });

  it("keep the order of columns whose names are numbers", async ({ expect }) => {
    const response = await send("/batch-process?operation=json_stringify", {
      method: "POST",
      headers: { "Content-Type": "text/csv", ...WAIT, ...AUTHORIZATION },
      body: "b,2020,2019\n1,2,3\n",
    });
    const { id }: { id: string } = await response.json();
    const csv = await send(`/batch-process/${id}/results?input=true`, {
      headers: { Accept: "text/csv" },
    });
    expect((await csv.text()).split("\r\n").slice(0, 2)).toEqual([
      "index,b,2020,2019,status,output,error,attempts",
      expect.stringMatching(/^0,1,2,3,succeeded,/),
    ]);
  });

  it("of a batch that is not over have no end", async ({ expect }) => {
    const { id } = await startBatch({
      operation: "uppercase",
      items: ["a", "b"],
      options: { start_at: LATER },
    });
    const first = await readResults(id, "");
    expect(first).toMatchObject({ status: "scheduled", pending: 2, results: [] });
    expect(await readResults(id, `?cursor=${first.next_cursor}`)).toEqual(first);
    const failed = await readResults(id, "?only=failed");
    expect(await readResults(id, `?only=failed&cursor=${failed.next_cursor}`)).toEqual(failed);
    expect(failed.next_cursor).not.toBeNull();
  });
});

describe("numbers that no double holds", () => {
  const BODY = '{"id":9007199254740993,"h":1e400,"i":-0,"f":123456789.123456789}';

  it("come back as the upstream sent them, however often they are stored", async ({ expect }) => {
    fakeUpstreams(({ n, count }) => {
      if (n === 1 && count <= 3) return new Response(null, { status: 503 });
      return new Response(BODY, { headers: { "Content-Type": "application/json" } });
    });
    const items = urls(3).map((url, n) => (n === 2 ? { url, method: "POST" } : { url }));
    const body = { operation: "external-api", items, options: { max_attempts: 1 } };
    const then = [{ name: "select", expression: "body.id" }, "join"];
    const waited = await post("/batch-process", { ...body, then }, WAIT);
    const text = await waited.text();
    expect(text.split(BODY)).toHaveLength(3);
    const { id } = v.parse(BatchReply, JSON.parse(text));
    await post(`/batch-process/${id}/retry`, {});
    await vi.waitFor(async () => expect((await readBatch(id)).status).toBe("completed"));
    const { summary } = await readBatch(id);
    expect(summary).toBe(Array(3).fill("9007199254740993").join(", "));
    const read = async (Accept: string) => {
      const response = await send(`/batch-process/${id}/results`, { headers: { Accept } });
      return response.text();
    };
    expect((await read("application/json")).split(BODY)).toHaveLength(4);
    expect((await read("application/x-ndjson")).split(BODY)).toHaveLength(4);
    expect((await read("text/csv")).split(BODY.replaceAll('"', '""'))).toHaveLength(4);
  });
});
