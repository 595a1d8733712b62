// The end of a batch is told once to each channel that wants it.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { Channel } from "../../src/durable-objects/channel";
import { batchJob } from "../../src/runtime/jobs";
import { alarmOf, jobObject, readBatch, startBatch } from "../support/jobs";
import { receive, stopAlarms, withSubscriptions } from "../support/tasks";
import { CHANNEL_SECRETS } from "../support/channel-settings";
import { restoreWorld } from "../support/users";
import { verifyWebhook } from "../support/verify-webhook";
import { post, send } from "../support/worker";

beforeEach(stopAlarms);
afterEach(restoreWorld);

const { HOOK_SECRET } = CHANNEL_SECRETS;
const FAST = { Prefer: "wait=5" };

/** A batch of two items, one of which fails. */
function smallBatch(fields: Record<string, unknown> = {}) {
  const body = { operation: "json_parse", items: ["1", "{"], options: { max_attempts: 1 } };
  return startBatch({ ...body, ...fields }, FAST);
}

function payloads(received: ReturnType<typeof receive>): unknown[] {
  return received.map(({ body, headers }) => verifyWebhook(HOOK_SECRET, body, headers));
}

describe("the end of a batch", () => {
  it("is told to the channels named for it, once each", async ({ expect }) => {
    const received = receive();
    const { id, status } = await smallBatch({ label: "Two", notify: ["hook", "rotating"] });
    expect(status).toBe("completed");
    for (let ring = 0; ring < 3; ring += 1) await runDurableObjectAlarm(jobObject(id));
    await expect.poll(() => received.length).toBe(2);
    const counts = {
      id,
      run: 1,
      status: "completed",
      total: 2,
      succeeded: 1,
      failed: 1,
      pending: 0,
    };
    expect(payloads(received)).toMatchObject([
      { type: "batch.completed", data: { ...counts, label: "Two", operation: "json_parse" } },
      { type: "batch.completed", data: counts },
    ]);
    expect(received[0]?.body).not.toContain("output");
    expect(received.map(({ host }) => host).toSorted()).toEqual([
      "hook.example",
      "rotating.example",
    ]);
  });

  it("is told to the channels that subscribe to it", async ({ expect }) => {
    const received = receive();
    const { id } = await smallBatch();
    expect(received).toEqual([]);
    await withSubscriptions(jobObject(id), { hook: ["batch.*"], rotating: ["task.*"] });
    await send(`/batch-process/${id}/retry`, { method: "POST" });
    await jobObject(id).run();
    await runDurableObjectAlarm(jobObject(id));
    await expect.poll(() => received.length).toBe(1);
    expect(payloads(received)).toMatchObject([{ data: { id } }]);
  });

  it("is told although the batch is deleted as soon as it is over", async ({ expect }) => {
    const received = receive();
    const { id } = await smallBatch({ notify: ["hook"] });
    expect((await send(`/batch-process/${id}`, { method: "DELETE" })).status).toBe(204);
    await expect.poll(() => received.length).toBe(1);
    expect(payloads(received)).toMatchObject([{ type: "batch.completed", data: { id } }]);
    expect((await send(`/batch-process/${id}`)).status).toBe(404);
    expect(await alarmOf(jobObject(id))).toBeNull();
  });

  it("is told later where the message cannot be started now", async ({ expect }) => {
    const received = receive();
    const { id } = await smallBatch({ notify: ["hook"] });
    const submit = vi
      .spyOn(Channel.prototype, "enqueue")
      .mockRejectedValue(new Error("Unreachable"));
    await runDurableObjectAlarm(jobObject(id)).catch(() => undefined);
    expect(await alarmOf(jobObject(id))).not.toBeNull();
    submit.mockRestore();
    await runDurableObjectAlarm(jobObject(id));
    await expect.poll(() => received.length).toBe(1);
  });

  it("of each run is told, also where a retry comes before the first is", async ({ expect }) => {
    const received = receive();
    const { id } = await smallBatch({ notify: ["hook"] });
    const enqueue = vi
      .spyOn(Channel.prototype, "enqueue")
      .mockRejectedValue(new Error("Unreachable"));
    await runDurableObjectAlarm(jobObject(id)).catch(() => undefined);
    await batchJob(env, id).act("retry");
    await batchJob(env, id).act("pause");
    enqueue.mockRestore();
    await runDurableObjectAlarm(jobObject(id));
    await expect.poll(() => received.length).toBe(1);
    expect(await readBatch(id)).toMatchObject({ status: "paused", run: 2 });
    await batchJob(env, id).act("resume");
    await batchJob(env, id).run();
    await runDurableObjectAlarm(jobObject(id));
    await expect.poll(() => received.length).toBe(2);
    expect(payloads(received)).toMatchObject([{ data: { run: 1 } }, { data: { run: 2 } }]);
  });

  /** While the message of the end is handed over, this happens. */
  function whileHandedOver(happen: () => Promise<unknown>): void {
    const enqueue: Channel["enqueue"] = Reflect.get(Channel.prototype, "enqueue");
    vi.spyOn(Channel.prototype, "enqueue").mockImplementationOnce(async function (
      this: Channel,
      event,
    ) {
      await happen();
      return enqueue.call(this, event);
    });
  }

  it("leaves a retry its alarm that comes while it is told", async ({ expect }) => {
    const received = receive();
    const { id } = await smallBatch({ notify: ["hook"] });
    whileHandedOver(() => batchJob(env, id).act("retry"));
    await runDurableObjectAlarm(jobObject(id));
    expect(await readBatch(id)).toMatchObject({ status: "running", failed: 0 });
    expect(await alarmOf(jobObject(id))).toBeLessThan(Date.now() + 10_000);
    await expect.poll(() => received.length).toBe(1);
  });

  it("is told once more after a retry that ended while it was told", async ({ expect }) => {
    const received = receive();
    const { id } = await smallBatch({ notify: ["hook"] });
    whileHandedOver(async () => {
      await batchJob(env, id).act("retry");
      await batchJob(env, id).run();
    });
    await runDurableObjectAlarm(jobObject(id));
    await expect.poll(() => received.length).toBe(2);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
  });

  it("is told to nobody where nobody wants it", async ({ expect }) => {
    const received = receive();
    const { id } = await smallBatch();
    await runDurableObjectAlarm(jobObject(id));
    expect(received).toEqual([]);
  });

  it("cannot be told to a channel that does not exist", async ({ expect }) => {
    const body = { operation: "trim", items: ["a"], notify: ["hook", "nobody"] };
    const response = await post("/batch-process", body);
    expect(await response.json()).toMatchObject({
      code: "invalid-body",
      errors: [{ pointer: "#/notify/1" }],
    });
  });
});
