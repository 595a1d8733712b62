// Deliveries on their way: what happens by the schedule while receivers fail in every way, with time
// moved by hand and alarms rung by it.
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock";
import { eventJob, startNotification } from "../../src/runtime/jobs";
import { CHANNEL_SECRETS } from "../support/channel-settings";
import { alarmOf } from "../support/jobs";
import {
  delivered,
  file,
  jobOfEvent,
  noticesOf,
  readNotification,
  readTask,
  receive,
  ringJobs,
  stopAlarms,
  untilNextAttempt,
} from "../support/tasks";
import { letTimePass, restoreWorld } from "../support/users";
import { verifyWebhook } from "../support/verify-webhook";

beforeEach(stopAlarms);
afterEach(restoreWorld);

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const SCHEDULE_S = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
const { HOOK_SECRET, NEXT_SECRET } = CHANNEL_SECRETS;

const lost = () => {
  throw new Error("Network connection lost");
};
const ok = () => new Response(null, { status: 204 });
const status = (code: number, headers: Record<string, string> = {}) =>
  new Response("no", { status: code, headers });

/** A receiver that verifies everything and answers with these, then with success. */
function receiver(...answers: (() => Response | Promise<Response>)[]) {
  return receive(({ body, headers }, index) => {
    verifyWebhook(HOOK_SECRET, body, headers);
    return answers[index]?.() ?? ok();
  });
}

/** Files a task of which "hook" is told, and waits for the first attempt. */
async function fileForHook() {
  const task = await file({ notify: ["hook"] });
  await delivered(task.id);
  return task;
}

describe("a receiver that always fails", () => {
  it("gets the message ten times, by the schedule, and then no more", async ({ expect }) => {
    const received = receive(({ body, headers }) => {
      verifyWebhook(HOOK_SECRET, body, headers);
      return status(503);
    });
    const { id } = await fileForHook();
    for (const [attempts, seconds] of SCHEDULE_S.entries()) {
      if (attempts === 0) continue;
      expect(await readNotification(id)).toMatchObject({ status: "pending", attempts });
      const waitedMs = await untilNextAttempt(id);
      expect(waitedMs).toBeGreaterThan((seconds - 1) * SECOND_MS);
      expect(waitedMs).toBeLessThanOrEqual(seconds * SECOND_MS * 1.1);
    }
    expect(await readNotification(id)).toMatchObject({
      status: "failed",
      attempts: 10,
      next_attempt_at: null,
      http_status: 503,
      error: { code: "http-status", detail: "The receiver answered 503: no" },
    });
    letTimePass(48 * HOUR_MS);
    await ringJobs(id);
    expect(received).toHaveLength(10);
  });

  it("gets one message: the same id and body, a fresh time and signature", async ({ expect }) => {
    const received = receiver(
      () => status(500),
      () => status(500),
      () => status(500),
    );
    const { id } = await fileForHook();
    for (let attempt = 2; attempt <= 4; attempt += 1) await untilNextAttempt(id);
    expect(received).toHaveLength(4);
    const distinct = (name: string) => new Set(received.map(({ headers }) => headers[name])).size;
    expect(distinct("webhook-id")).toBe(1);
    expect(distinct("webhook-timestamp")).toBe(4);
    expect(distinct("webhook-signature")).toBe(4);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    const [notice] = await noticesOf(id);
    expect(received[0]?.headers["webhook-id"]).toBe(`msg_${notice?.id}`);
    for (const { at, headers } of received)
      expect(headers["webhook-timestamp"]).toBe(String(Math.floor(at / SECOND_MS)));
  });
});

describe("a message arrives after all", () => {
  it("when the receiver was down for a while", async ({ expect }) => {
    const received = receiver(lost, lost, lost, lost);
    const { id } = await fileForHook();
    for (let attempt = 2; attempt <= 4; attempt += 1) await untilNextAttempt(id);
    expect(await readNotification(id)).toMatchObject({
      status: "pending",
      attempts: 4,
      http_status: null,
      error: { code: "network" },
    });
    await untilNextAttempt(id);
    expect(received).toHaveLength(5);
    expect(await readNotification(id)).toMatchObject({
      status: "delivered",
      attempts: 5,
      last_attempt_at: new Date(received[4]?.at ?? 0).toISOString(),
      next_attempt_at: null,
      http_status: 204,
      error: null,
    });
  });

  it("when the receiver was silent", async ({ expect }) => {
    // Twenty seconds are over at once.
    const timers = vi.spyOn(systemClock, "after").mockImplementation((ms, callback) => {
      const timer = setTimeout(callback, ms >= 20_000 ? 1 : ms);
      return () => clearTimeout(timer);
    });
    const received = receive(({ signal }, index) => {
      if (index > 0) return ok();
      return new Promise((_, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    });
    const { id } = await fileForHook();
    expect(timers).toHaveBeenCalledWith(20_000, expect.any(Function));
    expect(await readNotification(id)).toMatchObject({ error: { code: "timeout" }, attempts: 1 });
    await untilNextAttempt(id);
    expect(received).toHaveLength(2);
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });

  it("when the receiver redirected, which nobody followed", async ({ expect }) => {
    const received = receiver(() => status(307, { Location: "https://elsewhere.example/" }));
    const { id } = await fileForHook();
    expect(await readNotification(id)).toMatchObject({ status: "pending", http_status: 307 });
    await untilNextAttempt(id);
    expect(received.map(({ host }) => host)).toEqual(["hook.example", "hook.example"]);
    expect(await readNotification(id)).toMatchObject({ status: "delivered" });
  });

  it("when the receiver asked for patience, not before that", async ({ expect }) => {
    const received = receiver(() => status(429, { "Retry-After": "7200" }));
    const { id } = await fileForHook();
    const waitMs = Date.parse((await readNotification(id)).next_attempt_at ?? "") - Date.now();
    expect(waitMs).toBeGreaterThan(2 * HOUR_MS - SECOND_MS);
    expect(waitMs).toBeLessThanOrEqual(2 * HOUR_MS);
    letTimePass(waitMs - 60 * SECOND_MS);
    await ringJobs(id);
    expect(received).toHaveLength(1);
    await untilNextAttempt(id);
    expect(received).toHaveLength(2);
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });

  it("when the object that delivers it was evicted between two attempts", async ({ expect }) => {
    const received = receiver(() => status(500));
    const { id } = await fileForHook();
    for (const { eventId } of await noticesOf(id)) await evictDurableObject(jobOfEvent(eventId));
    await untilNextAttempt(id);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });
});

describe("a receiver ends a delivery", () => {
  it.for([
    ["410", () => status(410)],
    ["abort-message", () => status(500, { "webhook-delivery": "abort-message" })],
    ["disable", () => status(500, { "webhook-delivery": "disable" })],
  ] as const)("with %s", async ([, answer], { expect }) => {
    const received = receiver(answer);
    const { id } = await fileForHook();
    expect(await readNotification(id)).toMatchObject({
      status: "failed",
      attempts: 1,
      next_attempt_at: null,
    });
    letTimePass(48 * HOUR_MS);
    await ringJobs(id);
    expect(received).toHaveLength(1);
  });
});

describe("channels", () => {
  it("have a schedule each: what arrived is not sent again", async ({ expect }) => {
    const received = receive(({ host }, index) =>
      host === "hook.example" && index < 5 ? status(500) : ok(),
    );
    const { id } = await file({ notify: ["hook", "rotating", "slack", "discord", "ntfy"] });
    await delivered(id);
    const states = async () =>
      (await readTask(id)).notifications.map((entry) => [entry.channel, entry.status]);
    expect(await states()).toEqual([
      ["hook", "pending"],
      ["rotating", "delivered"],
      ["slack", "delivered"],
      ["discord", "delivered"],
      ["ntfy", "delivered"],
    ]);
    letTimePass(6 * SECOND_MS);
    await ringJobs(id);
    expect((await states())[0]).toEqual(["hook", "delivered"]);
    expect(received.map(({ host }) => host).toSorted()).toEqual(
      ["discord", "hook", "hook", "ntfy", "rotating", "slack"].map((name) => `${name}.example`),
    );
  });

  it("do not wait for one that never answers", async ({ expect }) => {
    const hung = Promise.withResolvers<Response>();
    receive(({ host }) => (host === "hook.example" ? hung.promise : ok()));
    const { id } = await file({ notify: ["hook", "rotating", "ntfy"] });
    await expect
      .poll(async () => (await readTask(id)).notifications.map((entry) => entry.status))
      .toEqual(["pending", "delivered", "delivered"]);
    hung.resolve(ok());
    await delivered(id);
    expect((await readTask(id)).notifications).toMatchObject([{ status: "delivered" }, {}, {}]);
  });

  it("sign with both secrets while one replaces the other", async ({ expect }) => {
    const received = receive();
    const { id } = await file({ notify: ["rotating"] });
    await delivered(id);
    const [request] = received;
    for (const secret of [HOOK_SECRET, NEXT_SECRET]) {
      expect(verifyWebhook(secret, request?.body ?? "", request?.headers ?? {})).toMatchObject({
        type: "task.created",
        data: { id },
      });
    }
  });

  it("get deliveries of their own, each with its id", async ({ expect }) => {
    const received = receive();
    const { id } = await file({ notify: ["hook", "rotating"] });
    await delivered(id);
    const ids = new Set((await noticesOf(id)).map((notice) => `msg_${notice.id}`));
    expect(ids.size).toBe(2);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"]))).toEqual(ids);
  });
});

it("an alarm that rings too early attempts nothing", async ({ expect }) => {
  const received = receiver(() => status(500));
  const { id } = await fileForHook();
  letTimePass(2 * SECOND_MS);
  await ringJobs(id);
  expect(received).toHaveLength(1);
  expect(await readNotification(id)).toMatchObject({ attempts: 1 });
  await untilNextAttempt(id);
  expect(received).toHaveLength(2);
});

it("a delivery that is wanted anew has its alarm, should nobody run it", async ({ expect }) => {
  const received = receiver();
  const { id } = await fileForHook();
  const [notice] = await noticesOf(id);
  const { eventId = "" } = notice ?? {};
  expect(await eventJob(env, eventId).restart(0)).toBe(true);
  expect(await alarmOf(jobOfEvent(eventId))).toBeLessThan(Date.now() + 10_000);
  await runDurableObjectAlarm(jobOfEvent(eventId));
  expect(received).toHaveLength(2);
});

it("deliveries are forgotten thirty days after the last attempt", async ({ expect }) => {
  receive();
  const { id } = await fileForHook();
  const [notice] = await noticesOf(id);
  const job = jobOfEvent(notice?.eventId ?? "");
  letTimePass(29 * 24 * HOUR_MS);
  await runDurableObjectAlarm(job);
  expect((await readTask(id)).notifications).toHaveLength(1);
  letTimePass(2 * 24 * HOUR_MS);
  expect(await runDurableObjectAlarm(job)).toBe(true);
  expect((await readTask(id)).notifications).toEqual([]);
  expect(await runDurableObjectAlarm(job)).toBe(false);
});

it("A slice sends no more than the free plan's requests, and the next one sends the rest", async ({
  expect,
}) => {
  const received = receive(ok);
  const event = {
    id: crypto.randomUUID(),
    type: "task.created" as const,
    timestamp: new Date().toISOString(),
    text: "A task was filed.",
    data: {},
  };
  const deliveries = Array.from({ length: 60 }, () => ({
    id: crypto.randomUUID(),
    channel: "hook",
  }));
  const job = await startNotification(env, event, deliveries);
  await job.run();
  expect(received.length).toBeGreaterThan(1);
  expect(received.length).toBeLessThan(50);
  await runDurableObjectAlarm(jobOfEvent(event.id));
  expect(received).toHaveLength(60);
  expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(60);
});
