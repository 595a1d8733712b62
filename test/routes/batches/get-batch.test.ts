// GET, POST …/<action> and DELETE of a batch, as whoever holds its id sees them.
import * as v from "valibot";
import { afterEach, describe, it } from "vitest";
import { Batch } from "../../../src/domain/batches/batch";
import { JOB_ACTIONS } from "../../../src/domain/jobs/transitions";
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
import { send } from "../../support/worker";

afterEach(restoreWorld);

const CLOSED = { PUBLIC_ENDPOINTS: "", API_TOKENS: "" };
const act = (id: string, action: string) =>
  send(`/batch-process/${id}/${action}`, { method: "POST" }, CLOSED);

describe("GET /batch-process/<id>", () => {
  const get = (id: string, headers: Record<string, string> = {}) =>
    send(`/batch-process/${id}`, { headers }, CLOSED);

  it("shows how far the batch is", async ({ expect }) => {
    const { id, job } = await submitJob(texts(10));
    const queued = await get(id);
    expect(queued.headers.get("Retry-After")).toBe("1");
    expect(v.parse(Batch, await queued.json())).toMatchObject({
      id,
      status: "queued",
      total: 10,
      pending: 10,
      started_at: null,
      eta_ms: null,
    });
    await job.run();
    const completed = await get(id);
    expect(completed.headers.has("Retry-After")).toBe(false);
    const batch = v.parse(Batch, await completed.json());
    expect(batch).toMatchObject({ status: "completed", succeeded: 10, pending: 0, eta_ms: 0 });
    expect(Date.parse(batch.expires_at)).toBe(
      Date.parse(batch.finished_at ?? "") + 7 * 24 * 60 * 60_000,
    );
  });

  it("has an ETag that changes with whatever is shown", async ({ expect }) => {
    const { id, job } = await submitJob(texts(10));
    const shown = new Map<string, string>();
    const look = async () => {
      const response = await get(id);
      const tag = response.headers.get("ETag") ?? "";
      const body = await response.text();
      expect(shown.get(tag) ?? body).toBe(body);
      shown.set(tag, body);
      const again = await get(id, { "If-None-Match": `W/${tag}` });
      expect(again.status).toBe(304);
      expect(again.headers.get("ETag")).toBe(tag);
      expect(await again.text()).toBe("");
    };
    await look();
    await job.act("pause");
    await look();
    await job.change({ options: { concurrency: 2 } });
    await look();
    await job.act("resume");
    await look();
    await job.run();
    await look();
    expect(shown.size).toBe(5);
  });

  it.for(["6f1c1a52-9a42-4d0e-8c8a-0d5e2f1b7a11", "not-a-uuid", "%00"])(
    "knows nothing of %s",
    async (id, { expect }) => {
      await expectProblem(expect, await get(id), "not-found");
      await expectProblem(expect, await send(`/batch-process/${id}/results`), "not-found");
      await expectProblem(expect, await send(`/batch-process/${id}/events`), "not-found");
      for (const action of JOB_ACTIONS)
        await expectProblem(expect, await act(id, action), "not-found");
      const removed = await send(`/batch-process/${id}`, { method: "DELETE" });
      await expectProblem(expect, removed, "not-found");
    },
  );
});

describe("POST /batch-process/<id>/<action>", () => {
  it("pauses, resumes and cancels, showing the batch", async ({ expect }) => {
    const { id } = await submitJob(texts(10));
    const paused = v.parse(Batch, await (await act(id, "pause")).json());
    expect(paused.status).toBe("paused");
    await expectProblem(expect, await act(id, "pause"), "wrong-state");
    expect(v.parse(Batch, await (await act(id, "resume")).json()).status).toBe("running");
    expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 10 });
    const { detail } = await expectProblem(expect, await act(id, "cancel"), "wrong-state");
    expect(detail).toBe(
      "Cannot cancel a batch that is completed: it must be scheduled, queued, running or paused.",
    );
  });

  it("has a link exactly while it would do something", async ({ expect }) => {
    const { id, job } = await submitJob(texts(3));
    const look = async () => {
      const { links } = await readBatch(id);
      return JOB_ACTIONS.filter((action) => action in links).join(" ");
    };
    expect(await look()).toBe("cancel pause");
    await job.act("pause");
    expect(await look()).toBe("cancel resume");
    await job.act("resume");
    await job.run();
    expect(await look()).toBe("");
    const { detail } = await expectProblem(expect, await act(id, "retry"), "wrong-state");
    expect(detail).toContain("none of its items is chosen");
  });

  it("cancels, until it is wanted again", async ({ expect }) => {
    const { id } = await submitJob(texts(10));
    expect(v.parse(Batch, await (await act(id, "cancel")).json())).toMatchObject({
      status: "cancelled",
      pending: 10,
      eta_ms: 0,
    });
    for (const action of ["cancel", "pause", "resume"])
      await expectProblem(expect, await act(id, action), "wrong-state");
    expect((await act(id, "retry")).status).toBe(202);
  });

  it("retries what has failed, at once and into the same results", async ({ expect }) => {
    let isDown = true;
    fakeUpstreams(({ n }) =>
      isDown && n === 1 ? new Response("", { status: 404 }) : Response.json(n),
    );
    const { id } = await startBatch({ operation: "external-api", items: urls(3) });
    expect(await readBatch(id)).toMatchObject({ status: "completed", failed: 1 });
    isDown = false;
    expect(v.parse(Batch, await (await act(id, "retry")).json())).toMatchObject({
      status: "running",
      pending: 1,
    });
    const { results } = await readResults(id);
    expect(results.map(({ index, status }) => [index, status])).toEqual([
      [0, "succeeded"],
      [1, "succeeded"],
      [2, "succeeded"],
    ]);
    const { detail } = await expectProblem(expect, await act(id, "retry"), "wrong-state");
    expect(detail).toBe(
      "Cannot retry a batch that is completed: none of its items is chosen, and nothing has changed.",
    );
  });
});

describe("DELETE /batch-process/<id>", () => {
  it("removes the batch and its results", async ({ expect }) => {
    const { id } = await startBatch({ operation: "uppercase", items: texts(3) });
    const response = await send(`/batch-process/${id}`, { method: "DELETE" }, CLOSED);
    expect(response.status).toBe(204);
    expect(await response.text()).toBe("");
    await expectProblem(expect, await send(`/batch-process/${id}`), "not-found");
    await expectProblem(expect, await send(`/batch-process/${id}/results`), "not-found");
    const again = await send(`/batch-process/${id}`, { method: "DELETE" });
    await expectProblem(expect, again, "not-found");
  });
});
