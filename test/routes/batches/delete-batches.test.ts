// DELETE /batch-process: many batches at once, by their state and age.
import { reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, it } from "vitest";
import { batchJob } from "../../../src/runtime/jobs";
import { expectProblem } from "../../support/problem";
import { fakeUpstreams, jobObject, startBatch, submitJob, urls } from "../../support/jobs";
import {
  deleteBatches,
  insertEntries,
  listBatches,
  listedStates,
  someEntry,
} from "../../support/register";
import { restoreWorld } from "../../support/users";
import { waitFor } from "../../support/wait-for";
import { send } from "../../support/worker";

afterEach(async () => {
  restoreWorld();
  await reset();
});

/** A batch that has ended; one with a summary has a job. */
const done = (parts = {}) =>
  startBatch({ operation: "uppercase", items: ["a"], label: "x", ...parts }, { Prefer: "wait=10" });
const later = () => new Date(Date.now() + 60_000).toISOString();
const deletedBy = async (query: Record<string, string>) =>
  (await deleteBatches(query)).json<{ deleted: number }>();

describe("a deletion of many batches", () => {
  it("removes those of these states that are older, with their results", async ({ expect }) => {
    const old = [await done(), await done({ then: "count" })];
    const paused = await startBatch({
      operation: "uppercase",
      items: ["a"],
      options: { start_at: "2099-01-01T00:00:00Z" },
    });
    expect(await deletedBy({ status: "completed", before: "2026-01-01T00:00:00Z" })).toEqual({
      deleted: 0,
    });
    expect(await deletedBy({ status: "completed,cancelled", before: later() })).toEqual({
      deleted: 2,
    });
    for (const { id } of old)
      await expectProblem(expect, await send(`/batch-process/${id}`), "not-found");
    expect(await listedStates()).toEqual([[paused.id, "scheduled"]]);
    expect(await deletedBy({ status: "completed", before: later() })).toEqual({ deleted: 0 });
  });

  it("spares what was created at that instant or after it", async ({ expect }) => {
    const entries = [0, 1, 2].map((n) => someEntry(n));
    await insertEntries(entries);
    const before = entries[1]?.created_at ?? "";
    expect(await deletedBy({ status: "completed", before })).toEqual({ deleted: 1 });
    expect((await listBatches()).batches.map(({ id }) => id)).toEqual(
      [2, 1].map((n) => someEntry(n).id),
    );
  });

  it("stops a batch that runs", async ({ expect }) => {
    const gate = Promise.withResolvers<Response>();
    const sent = fakeUpstreams(() => gate.promise);
    const { id, job } = await submitJob(urls(30), { operation: "external-api" });
    const slice = job.run();
    await waitFor(() => {
      if (sent.mock.calls.length < 6) throw new Error("Not there yet");
    });
    await send(`/batch-process/${id}`);
    expect(await deletedBy({ status: "running", before: later() })).toEqual({ deleted: 1 });
    gate.resolve(Response.json(1));
    await slice;
    expect(sent.mock.calls.length).toBe(6);
    expect(await job.summary()).toBeNull();
    expect(await listedStates()).toEqual([]);
  });

  it("spares a batch that is in another state than the register knows", async ({ expect }) => {
    const { id } = await done({ then: "count" });
    const job = batchJob(env, id);
    expect(await job.removeIn(["cancelled"], "request")).toBe(false);
    expect(await job.summary()).toMatchObject({ status: "completed" });
  });

  it("takes off the register what was deleted by one that was cut off", async ({ expect }) => {
    const { id } = await done({ then: "count" });
    await runInDurableObject(jobObject(id), (job) => job.removeIn(["completed"], "request"));
    expect(await listedStates()).toEqual([[id, "completed"]]);
    expect(await deletedBy({ status: "completed", before: later() })).toEqual({ deleted: 1 });
    expect(await listedStates()).toEqual([]);
  });

  it.for([
    [{ status: "completed" }, "before"],
    [{ before: "2026-01-01T00:00:00Z" }, "status"],
    [{}, "status"],
    [{ status: "over", before: "2026-01-01T00:00:00Z" }, "status"],
    [{ status: "completed", before: "yesterday" }, "before"],
  ] as const)("of %j names %s", async ([query, name], { expect }) => {
    const problem = await expectProblem(expect, await deleteBatches(query), "malformed-request");
    expect(problem.detail).toContain(`"${name}"`);
  });
});
