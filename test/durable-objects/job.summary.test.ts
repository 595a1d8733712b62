// The summary of a batch's outputs: made at the end of each run, before the end is told, whatever happens meanwhile.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, describe, it } from "vitest";
import { readRecordRow, writeRecordRow } from "../../src/storage/record-row";
import type { BatchWork } from "../../src/domain/batches/job-record";
import { fakeUpstreams, readBatch, submitJob, texts, urls, type OpenJob } from "../support/jobs";
import { restoreWorld } from "../support/users";

afterEach(restoreWorld);

/** A batch that has run. */
async function ended(
  items: readonly unknown[],
  parts: Partial<BatchWork>,
  chunkSize = 500,
): Promise<OpenJob> {
  const open = await submitJob(items, parts, chunkSize);
  await open.job.run();
  return open;
}

/** Takes the job back to the moment before its end. */
function unend({ stub }: OpenJob, tries: number): Promise<void> {
  return runInDurableObject(stub, async (_, { storage }) => {
    const { reason: _reason, ...job }: Record<string, unknown> = Object(readRecordRow(storage));
    const running = { status: "running", reason: null, finishedAt: null };
    writeRecordRow(storage, { ...job, ...running });
    storage.kv.put("summary", { tries, made: null });
    await storage.setAlarm(Date.now());
  });
}

describe("the summary of a batch", () => {
  it("is of what succeeded, in input order", async ({ expect }) => {
    const { id } = await ended([" a", 7, "b "], { operation: "trim", then: { name: "join" } });
    expect(await readBatch(id)).toMatchObject({
      status: "completed",
      failed: 1,
      then: { name: "join" },
      summary: "a, b",
      summary_error: null,
    });
  });

  it("takes receipts of calls, and is made anew by a retry", async ({ expect }) => {
    let isDown = true;
    fakeUpstreams(({ n }) =>
      n === 2 && isDown ? new Response("", { status: 404 }) : Response.json({ n }),
    );
    const then = [{ name: "select", expression: "body.n" }, "sum"];
    const open = await ended(urls(3), { operation: "external-api", then });
    expect((await readBatch(open.id)).summary).toBe(1);
    isDown = false;
    await open.job.act("retry");
    expect(await readBatch(open.id)).toMatchObject({ status: "running", summary: null });
    await open.job.run();
    expect(await readBatch(open.id)).toMatchObject({ status: "completed", run: 2, summary: 3 });
  });

  it("is made when a batch is cancelled, too", async ({ expect }) => {
    const open = await submitJob(texts(3), { then: "count" });
    const cancelled = await open.job.act("cancel");
    expect(cancelled?.summary.outputSummary).toEqual({ value: 0, error: null });
  });

  it("tells of outputs that it cannot take", async ({ expect }) => {
    const { id } = await ended(["1", '"x"', "3"], { operation: "json_parse", then: "sum" });
    expect(await readBatch(id)).toMatchObject({
      summary: 4,
      summary_error: { code: "wrong-type", detail: expect.stringContaining("1 of the outputs") },
    });
  });

  it.for([
    [{ then: "no_such_operation" }, "unknown-operation"],
    [{ then: "trim" }, "unknown-operation"],
  ] as const)("of an operation that is gone is an error: %j", async ([parts, code], { expect }) => {
    const { id } = await ended(texts(2), parts);
    expect(await readBatch(id)).toMatchObject({
      status: "completed",
      summary: null,
      summary_error: { code },
    });
  });

  it("of over 16 MiB of outputs is an error", async ({ expect }) => {
    const long = "x".repeat(900_000);
    const open = await ended(Array(18).fill(long), { then: "count" }, 1);
    expect(await readBatch(open.id)).toMatchObject({ status: "completed", summary: 18 });
    const over = await ended(Array(19).fill(long), { then: "count" }, 1);
    expect(await readBatch(over.id)).toMatchObject({
      status: "completed",
      succeeded: 19,
      summary: null,
      summary_error: { code: "too-large", detail: expect.stringContaining("16 MiB") },
    });
  });

  it("that is too long to be shown is an error", async ({ expect }) => {
    const { id } = await ended(["\0".repeat(100_000)], { operation: "trim", then: "join" });
    expect(await readBatch(id)).toMatchObject({
      summary: null,
      summary_error: { code: "too-large" },
    });
  });

  it("is made by the alarm where the process died over it", async ({ expect }) => {
    const open = await ended(texts(3), { then: "count" });
    await unend(open, 4);
    await evictDurableObject(open.stub);
    expect(await readBatch(open.id)).toMatchObject({ finished_at: null, summary: null });
    await runDurableObjectAlarm(open.stub);
    expect(await readBatch(open.id)).toMatchObject({ status: "completed", summary: 3 });
  });

  it("is given up where the process died over it each time", async ({ expect }) => {
    const open = await ended(texts(3), { then: "count" });
    await unend(open, 5);
    await evictDurableObject(open.stub);
    await runDurableObjectAlarm(open.stub);
    expect(await readBatch(open.id)).toMatchObject({
      status: "completed",
      summary: null,
      summary_error: { code: "crashed" },
    });
  });
});
