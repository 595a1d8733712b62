// Steering a batch: options while it runs, and retries of what is chosen.
import { afterEach, describe, it, vi } from "vitest";
import * as v from "valibot";
import { Batch, BatchReply } from "../../../src/domain/batches/batch";
import { expectProblem } from "../../support/problem";
import { fakeUpstreams, readBatch, readResults, startBatch, urls } from "../../support/jobs";
import { AUTHORIZATION, post, send } from "../../support/worker";

afterEach(() => void vi.restoreAllMocks());

const WAIT = { Prefer: "wait=10" };
const LATER = "2099-01-01T00:00:00.000Z";

function patch(id: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return send(`/batch-process/${id}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json", ...AUTHORIZATION, ...headers },
    body: JSON.stringify(body),
  });
}

/** A batch of which items 1 and 2 have failed. */
async function failedBatch() {
  let isDown = true;
  fakeUpstreams(({ n }) => new Response(null, { status: isDown && n > 0 ? 404 : 200 }));
  const items = urls(3).map((item, n) => ({ id: `i${n}`, item }));
  const batch = await startBatch({ operation: "external-api", items }, WAIT);
  isDown = false;
  return batch;
}

const statusesOf = async (id: string) =>
  (await readResults(id)).results.map(({ id: own, status }) => [own, status]);

describe("a retry", () => {
  it("runs what is chosen by id, and merges it into the results", async ({ expect }) => {
    const { id } = await failedBatch();
    const response = await post(`/batch-process/${id}/retry`, { ids: ["i2"] });
    expect(response.status).toBe(202);
    expect(v.parse(Batch, await response.json()).finished_at).toBeNull();
    await vi.waitFor(async () => expect((await readBatch(id)).status).toBe("completed"));
    expect(await statusesOf(id)).toEqual([
      ["i0", "succeeded"],
      ["i1", "failed"],
      ["i2", "succeeded"],
    ]);
  });

  it("runs what failed with a code, or is refused where there is none", async ({ expect }) => {
    const { id } = await failedBatch();
    const none = await post(`/batch-process/${id}/retry`, { codes: ["timeout"] });
    await expectProblem(expect, none, "wrong-state");
    const response = await post(`/batch-process/${id}/retry`, { codes: ["upstream-status"] });
    expect(response.status).toBe(202);
    await vi.waitFor(async () => expect((await readBatch(id)).succeeded).toBe(3));
  });

  it("goes on with what a cancelled batch did not run", async ({ expect }) => {
    const { id } = await startBatch({
      operation: "uppercase",
      items: ["a", "b"],
      options: { start_at: LATER },
    });
    await post(`/batch-process/${id}/cancel`, {});
    expect(await readBatch(id)).toMatchObject({ status: "cancelled", reason: "by-request" });
    const pending = await readResults(id, "?only=pending");
    expect(pending).toMatchObject({ pending: 2, next_cursor: null });
    expect(pending.results.map(({ status }) => status)).toEqual(["pending", "pending"]);
    const bare = await send(`/batch-process/${id}/retry`, {
      method: "POST",
      headers: AUTHORIZATION,
    });
    expect(bare.status).toBe(202);
  });
});

describe("a retry of a cancelled batch", () => {
  /** Of ten calls, one at a time, numbers 0 and 3 failed and six were never sent. */
  async function stoppedBatch() {
    let isDown = true;
    const sent: number[] = [];
    fakeUpstreams(({ n }) => {
      sent.push(n);
      if (n === 3 && isDown) return new Response(null, { status: 410 });
      return new Response(null, { status: isDown && n === 0 ? 404 : 200 });
    });
    const items = urls(10).map((item, n) => ({ id: `i${n}`, item }));
    const options = { concurrency: 1, stop_after_failures: 2 };
    const { id } = await startBatch({ operation: "external-api", items, options }, WAIT);
    isDown = false;
    sent.length = 0;
    return { id, sent };
  }

  const over = (id: string) =>
    vi.waitFor(async () => {
      if ((await readBatch(id)).finished_at === null) throw new Error("Not over yet");
    });

  it.for([
    [{ only: "failed" }, [0, 3], 6],
    [{ codes: ["upstream-status"], ids: ["i3", "i9"] }, [3], 6],
    [{ ids: ["i0", "i9"] }, [0, 9], 5],
    [{ only: "unfinished", ids: ["i0", "i8"] }, [8], 5],
  ] as const)("runs what is chosen, and nothing else: %j", async ([choice, run, pending], ctx) => {
    const { expect } = ctx;
    const { id, sent } = await stoppedBatch();
    expect((await post(`/batch-process/${id}/retry`, choice)).status).toBe(202);
    await over(id);
    expect(sent).toEqual(run);
    const batch = await readBatch(id);
    expect(batch).toMatchObject({ status: "cancelled", reason: "by-request", run: 2, pending });
    expect(batch.succeeded + batch.failed + batch.pending).toBe(10);
    // What was left out goes on with the next.
    await post(`/batch-process/${id}/retry`, {});
    await over(id);
    expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 10, run: 3 });
  });

  it("counts failures anew", async ({ expect }) => {
    const { id, sent } = await stoppedBatch();
    await post(`/batch-process/${id}/retry`, { only: "unfinished" });
    await over(id);
    expect(sent).toHaveLength(6);
    expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 8, failed: 2 });
    const none = await post(`/batch-process/${id}/retry`, { only: "unfinished" });
    const { detail } = await expectProblem(expect, none, "wrong-state");
    expect(detail).toContain("none of its items is chosen");
  });
});

describe("options", () => {
  it("are changed by a merge patch, until the batch is over", async ({ expect }) => {
    const { id } = await startBatch({
      operation: "uppercase",
      items: ["a"],
      options: { start_at: LATER, concurrency: 3, rate: "1/s" },
    });
    expect(await readBatch(id)).toMatchObject({ status: "scheduled", started_at: null });
    const changed = await patch(id, { options: { concurrency: 2, rate: null } });
    expect(await changed.json()).toMatchObject({ options: { concurrency: 2, start_at: LATER } });
    const { options } = await readBatch(id);
    expect(options).toEqual({ concurrency: 2, start_at: LATER, timeout_s: 3600 });
    await expectProblem(expect, await patch(id, { options: { speed: 1 } }), "invalid-body");
    await post(`/batch-process/${id}/cancel`, {});
    await expectProblem(expect, await patch(id, { options: { concurrency: 1 } }), "wrong-state");
  });
});

describe("PATCH", () => {
  const scheduled = () =>
    startBatch({
      operation: "uppercase",
      items: ["a"],
      label: "Old",
      metadata: { a: 1, b: 2 },
      options: { start_at: LATER },
    });

  it("takes every option, and gives each its default again", async ({ expect }) => {
    const { id } = await scheduled();
    const all = {
      concurrency: 48,
      rate: "10/min",
      max_attempts: 10,
      stop_after_failures: 5,
      timeout_s: 60,
      start_at: "2098-01-01T00:00:00.000Z",
    };
    expect((await patch(id, { options: all })).status).toBe(200);
    expect((await readBatch(id)).options).toEqual(all);
    const none = Object.fromEntries(Object.keys(all).map((name) => [name, null]));
    const { start_at: _, ...others } = none;
    expect((await patch(id, { options: others })).status).toBe(200);
    const defaults = { concurrency: 6, timeout_s: 3600, start_at: all.start_at };
    expect((await readBatch(id)).options).toEqual(defaults);
    for (const wrong of [{ concurrency: 49 }, { rate: "fast" }, { timeout_s: 0 }])
      await expectProblem(expect, await patch(id, { options: wrong }), "invalid-body");
  });

  it("moves the start until there was one", async ({ expect }) => {
    const { id } = await scheduled();
    const expires = async () => Date.parse((await readBatch(id)).expires_at);
    const later = await expires();
    await patch(id, { options: { start_at: "2098-01-01T00:00:00.000Z" } });
    expect(await expires()).toBeLessThan(later);
    const started = await patch(id, { options: { start_at: null } });
    expect(await started.json()).toMatchObject({ status: "queued" });
    await vi.waitFor(async () => expect((await readBatch(id)).status).toBe("completed"));
    const tooLate = await patch(id, { options: { start_at: LATER } });
    await expectProblem(expect, tooLate, "wrong-state");
  });

  it("refuses to move the start of a batch that has started", async ({ expect }) => {
    const { id } = await scheduled();
    await post(`/batch-process/${id}/pause`, {});
    expect((await patch(id, { options: { start_at: null } })).status).toBe(200);
    fakeUpstreams(() => new Response(null, { status: 200 }));
    const { id: paused } = await startBatch({
      operation: "external-api",
      items: urls(3),
      options: { rate: "1/day" },
    });
    await vi.waitFor(async () => expect((await readBatch(paused)).succeeded).toBe(1));
    const { detail } = await expectProblem(
      expect,
      await patch(paused, { options: { start_at: LATER } }),
      "wrong-state",
    );
    expect(detail).toContain("has started");
  });

  it("goes on sooner by new options", async ({ expect }) => {
    fakeUpstreams(() => new Response(null, { status: 200 }));
    const { id } = await startBatch({
      operation: "external-api",
      items: urls(3),
      options: { rate: "1/day" },
    });
    await vi.waitFor(async () => expect((await readBatch(id)).succeeded).toBe(1));
    await patch(id, { options: { rate: null } });
    await vi.waitFor(async () => expect((await readBatch(id)).status).toBe("completed"));
  });

  it("renames a batch, over or not", async ({ expect }) => {
    const { id } = await scheduled();
    await post(`/batch-process/${id}/cancel`, {});
    const renamed = await patch(id, { label: "New", metadata: { a: null, c: 3 } });
    expect(await renamed.json()).toMatchObject({ label: "New", metadata: { b: 2, c: 3 } });
    const listed = await send("/batch-process?label=New", { headers: AUTHORIZATION });
    expect(await listed.json()).toMatchObject({ batches: [{ id, label: "New" }] });
    await patch(id, { label: null });
    expect(await readBatch(id)).toMatchObject({ label: null, metadata: { b: 2, c: 3 } });
    const tooMuch = { metadata: { a: "x".repeat(20_000) } };
    const { errors } = await expectProblem(expect, await patch(id, tooMuch), "invalid-body");
    expect(errors).toMatchObject([{ pointer: "#/metadata" }]);
  });
});

describe("changes at once that name the same version", () => {
  /** A batch that waits, and changes of it by its label on condition that it is as it was. */
  async function waitingBatch() {
    const options = { start_at: LATER };
    const { id } = await startBatch({ operation: "uppercase", items: ["a"], options });
    const etag = (await send(`/batch-process/${id}`)).headers.get("ETag") ?? "";
    const condition = { "If-Match": etag };
    return { id, condition, change: (label: string) => patch(id, { label }, condition) };
  }

  it("are one that is done, and others that are refused", async ({ expect }) => {
    const { id, change } = await waitingBatch();
    const replies = await Promise.all(["one", "two", "three"].map(change));
    const statuses = replies.map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412]);
    expect((await patch(id, { label: "four" }, { "If-Match": "*" })).status).toBe(200);
  });

  it("tell by their ETag what the next one may go by", async ({ expect }) => {
    const { id, change } = await waitingBatch();
    const changed = await change("one");
    const paused = await send(`/batch-process/${id}/pause`, {
      method: "POST",
      headers: { ...AUTHORIZATION, "If-Match": changed.headers.get("ETag") ?? "" },
    });
    const condition = { "If-Match": paused.headers.get("ETag") ?? "" };
    const same = await patch(id, { label: "one" }, condition);
    expect([paused.status, same.status]).toEqual([200, 200]);
    expect(same.headers.get("ETag")).toBe(paused.headers.get("ETag"));
  });

  it("are one action that is done, and others that are refused", async ({ expect }) => {
    const { id, condition } = await waitingBatch();
    const act = async (action: string) =>
      send(`/batch-process/${id}/${action}`, {
        method: "POST",
        headers: { ...AUTHORIZATION, ...condition },
      });
    const paused = v.parse(BatchReply, await (await act("pause")).json());
    expect(paused.status).toBe("paused");
    for (const action of ["resume", "cancel", "retry"])
      await expectProblem(expect, await act(action), "precondition-failed");
    const response = await send(`/batch-process/${id}`, { headers: AUTHORIZATION });
    expect(await response.json()).toMatchObject({ status: "paused" });
  });

  it("are one that is done, also if one is the batch's end", async ({ expect }) => {
    const { id, condition, change } = await waitingBatch();
    const removal = send(`/batch-process/${id}`, {
      method: "DELETE",
      headers: { ...AUTHORIZATION, ...condition },
    });
    const replies = await Promise.all([change("one"), removal, change("two")]);
    const statuses = replies.map(({ status }) => status);
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    for (const status of statuses) expect([200, 204, 404, 412]).toContain(status);
  });
});

describe("then", () => {
  it("summarizes what a batch has made, and comes with the results", async ({ expect }) => {
    const body = { operation: "length", items: ["a", "bc"], then: ["unique", "sum"] };
    const response = await post("/batch-process", body, WAIT);
    const batch = v.parse(BatchReply, await response.json());
    expect(batch).toMatchObject({ then: ["unique", "sum"], summary: 3, summary_error: null });
  });

  it("is a parameter of lines", async ({ expect }) => {
    const submit = (then: string) =>
      send(`/batch-process?operation=length&then=${encodeURIComponent(then)}`, {
        method: "POST",
        headers: { "Content-Type": "application/x-ndjson", ...WAIT, ...AUTHORIZATION },
        body: '"a"\n"bc"\n',
      });
    const response = await submit('{"name":"statistics","quantiles":[]}');
    expect(await response.json()).toMatchObject({ summary: { count: 2, mean: 1.5 } });
    const { detail } = await expectProblem(expect, await submit("trim"), "malformed-request");
    expect(detail).toContain('"then": Only a summary operation');
  });

  it.for([
    ["trim", "#/then"],
    [["count", "trim"], "#/then/0"],
    [{ name: "histogram", bins: 0 }, "#/then/bins"],
    ["statistic", "#/then"],
  ] as const)("is refused unless it gives one value: %j", async ([then, pointer], { expect }) => {
    const response = await post("/batch-process", { operation: "trim", items: ["a"], then });
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toMatchObject([{ pointer }]);
  });
});
