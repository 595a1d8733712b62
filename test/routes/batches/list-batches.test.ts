// GET /batch-process: what is listed when, and by which filters.
import { reset } from "cloudflare:test";
import { afterEach, describe, it } from "vitest";
import * as v from "valibot";
import { ListedBatch } from "../../../src/domain/batches/register";
import { parseCsv } from "../../support/parse-csv";
import { expectProblem } from "../../support/problem";
import { readBatch, startBatch, submitJob, urls, fakeUpstreams } from "../../support/jobs";
import { listBatches, listedStates } from "../../support/register";
import { restoreWorld } from "../../support/users";
import { waitFor } from "../../support/wait-for";
import { AUTHORIZATION, post, send } from "../../support/worker";

afterEach(async () => {
  restoreWorld();
  await reset();
});

const LATER = { start_at: "2099-01-01T00:00:00Z" };
const scheduled = (fields: object = {}) =>
  startBatch({ operation: "uppercase", items: ["a"], options: LATER, ...fields });
const act = (id: string, action: string) => post(`/batch-process/${id}/${action}`, undefined);

describe("the list of batches", () => {
  it("has each batch as soon as it is accepted, the newest first", async ({ expect }) => {
    const label = "Monday's names";
    const first = await scheduled({ label, metadata: { of: "crm" } });
    const second = await scheduled();
    const { batches, next_cursor } = await listBatches();
    expect(batches.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(next_cursor).toBeNull();
    expect(batches[1]).toEqual(v.parse(v.object(ListedBatch.entries), first));
    expect((await listBatches("?order=asc")).batches.map(({ id }) => id)).toEqual([
      first.id,
      second.id,
    ]);
  });

  it("has a batch that was waited for as it ended", async ({ expect }) => {
    const items = ['{"a":1}', "{"];
    const { id } = await startBatch({ operation: "json_parse", items }, { Prefer: "wait=10" });
    expect((await listBatches()).batches).toMatchObject([
      {
        id,
        status: "completed",
        succeeded: 1,
        failed: 1,
        pending: 0,
        failed_by_code: { "invalid-value": 1 },
      },
    ]);
  });

  it("follows what is done to a batch", async ({ expect }) => {
    const { id } = await scheduled();
    for (const [action, status] of [
      ["pause", "paused"],
      ["resume", "scheduled"],
      ["cancel", "cancelled"],
      ["retry", "running"],
    ] as const) {
      await act(id, action);
      expect(await listedStates(), action).toEqual([[id, (await readBatch(id)).status]]);
      if (action !== "retry") expect(await listedStates(`?status=${status}`)).toHaveLength(1);
    }
    expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(204);
    expect(await listedStates()).toEqual([]);
  });

  it("shows a batch that runs as soon as anybody has seen it run", async ({ expect }) => {
    const gate = Promise.withResolvers<Response>();
    fakeUpstreams(() => gate.promise);
    const { id, job } = await submitJob(urls(2), { operation: "external-api" });
    expect(await listedStates()).toEqual([[id, "queued"]]);
    const slice = job.run();
    await waitFor(async () => {
      if ((await readBatch(id)).status !== "running") throw new Error("Not there yet");
    });
    expect(await listedStates("?status=running")).toEqual([[id, "running"]]);
    gate.resolve(Response.json(1));
    await slice;
    expect(await listedStates("?status=completed")).toEqual([[id, "completed"]]);
  });

  it("is narrowed by several states and by the whole label", async ({ expect }) => {
    const paused = await scheduled({ label: "a, b" });
    const cancelled = await scheduled({ label: "a, b" });
    const other = await scheduled({ label: "a" });
    await act(paused.id, "pause");
    await act(cancelled.id, "cancel");
    const ids = async (query: string) => (await listBatches(query)).batches.map(({ id }) => id);
    expect(await ids("?status=paused,cancelled,paused")).toEqual([cancelled.id, paused.id]);
    expect(await ids("?label=a,%20b")).toEqual([cancelled.id, paused.id]);
    expect(await ids("?label=a")).toEqual([other.id]);
    expect(await ids("?label=a,%20b&status=paused")).toEqual([paused.id]);
    expect(await ids("?label=A")).toEqual([]);
  });

  it("goes on from its cursor under the same filters alone", async ({ expect }) => {
    const made = [];
    for (let n = 0; n < 5; n += 1) made.unshift((await scheduled({ label: "x" })).id);
    const seen: string[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page = await listBatches(`?limit=2&label=x&cursor=${cursor}`);
      seen.push(...page.batches.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(made);
    const { next_cursor } = await listBatches("?limit=2&label=x");
    const other = `/batch-process?limit=2&cursor=${next_cursor}`;
    await expectProblem(expect, await send(other, { headers: AUTHORIZATION }), "malformed-request");
  });

  it("is also a stream of lines, and a file", async ({ expect }) => {
    const ids = [(await scheduled()).id, (await scheduled({ label: "=1+1" })).id];
    const as = (Accept: string) =>
      send("/batch-process", { headers: { ...AUTHORIZATION, Accept } }).then((reply) =>
        reply.text(),
      );
    const lines = (await as("application/x-ndjson")).trim().split("\n");
    expect(lines.map((line) => JSON.parse(line))).toEqual((await listBatches()).batches);
    const rows = parseCsv(await as("text/csv"));
    expect(rows.slice(1).map(([id]) => id)).toEqual(ids.toReversed());
    expect(rows[1]?.[1]).toBe("'=1+1");
  });

  it("is for holders of a token", async ({ expect }) => {
    await expectProblem(expect, await send("/batch-process"), "unauthorized");
    const deletion = await send("/batch-process?status=completed&before=2026-01-01T00:00:00Z", {
      method: "DELETE",
    });
    await expectProblem(expect, deletion, "unauthorized");
  });
});
