// A channel as an object: what happens by the schedule while receivers fail in every way, with time moved by
// hand and the alarm rung by it.
import { evictDurableObject, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, it } from "vitest";
import { CHANNEL_SECRETS } from "../support/channel-settings";
import { fileForHook, ok, receiver, status } from "../support/hook";
import {
  channelObject,
  delivered,
  endAtOnce,
  file,
  idle,
  readNotification,
  readTask,
  receive,
  resend,
  ring,
  ringChannels,
  stopAlarms,
  untilNextAttempt,
  withVariables,
} from "../support/tasks";
import { letTimePass, restoreWorld } from "../support/users";
import { verifyWebhook } from "../support/verify-webhook";

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const SCHEDULE_S = [0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400];
const { HOOK_SECRET, NEXT_SECRET } = CHANNEL_SECRETS;

const lost = () => {
  throw new Error("Network connection lost");
};

describe("a receiver that always fails", () => {
  it("gets the message ten times, by the schedule, and then no more", async ({ expect }) => {
    const received = receive(({ body, headers }) => {
      verifyWebhook(HOOK_SECRET, body, headers);
      return status(500);
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
      http_status: 500,
      error: { code: "http-status", detail: "The receiver answered 500: no" },
    });
    letTimePass(48 * HOUR_MS);
    await ringChannels(id);
    expect(received).toHaveLength(10);
  });

  it("gets one message: the same id and body, a fresh time and signature", async ({ expect }) => {
    const received = receiver(
      () => status(500),
      () => status(500),
      () => status(500),
    );
    const { id, notifications } = await fileForHook();
    for (let attempt = 2; attempt <= 4; attempt += 1) await untilNextAttempt(id);
    expect(received).toHaveLength(4);
    const distinct = (name: string) => new Set(received.map(({ headers }) => headers[name])).size;
    expect(distinct("webhook-id")).toBe(1);
    expect(distinct("webhook-timestamp")).toBe(4);
    expect(distinct("webhook-signature")).toBe(4);
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
    expect(received[0]?.headers["webhook-id"]).toBe(notifications[0]?.event_id);
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
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 5 });
  });

  it("when the receiver was silent", async ({ expect }) => {
    const timers = endAtOnce(20 * SECOND_MS);
    const received = receive(({ signal }, index) => {
      if (index > 0) return ok();
      return new Promise((_, reject) => {
        signal?.throwIfAborted();
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    });
    const { id } = await fileForHook();
    expect(timers).toHaveBeenCalledWith(expect.closeTo(20_000, -3), expect.any(Function));
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
  });

  it.for([
    ["429", "7200"],
    ["503", "7200"],
    ["429", "a date"],
  ] as const)(
    "when the receiver asked for patience by %s and %s, not before, and no attempt is used up",
    async ([code, after], { expect }) => {
      const date = () => new Date(Date.now() + 2 * HOUR_MS).toUTCString();
      const received = receiver(() =>
        status(Number(code), { "Retry-After": after === "a date" ? date() : after }),
      );
      const { id } = await fileForHook();
      const waitMs = Date.parse((await readNotification(id)).next_attempt_at ?? "") - Date.now();
      expect(waitMs).toBeGreaterThan(2 * HOUR_MS - 2 * SECOND_MS);
      expect(waitMs).toBeLessThanOrEqual(2 * HOUR_MS);
      // Others wait as well: it is the channel that waits.
      await fileForHook();
      letTimePass(waitMs - 60 * SECOND_MS);
      await ring("hook");
      expect(received).toHaveLength(1);
      await untilNextAttempt(id);
      expect(received).toHaveLength(3);
      expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 2 });
    },
  );

  it("when the object that delivers it was evicted between two attempts", async ({ expect }) => {
    const received = receiver(() => status(500));
    const { id } = await fileForHook();
    await evictDurableObject(channelObject("hook"));
    await untilNextAttempt(id);
    expect(new Set(received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });
});

describe("channels", () => {
  it("hinder no other: whoever hangs, the rest are told at once", async ({ expect }) => {
    const hung = Promise.withResolvers<Response>();
    const received = receive(({ host }) => (host === "ntfy.example" ? ok() : hung.promise));
    const notify = ["hook", "rotating", "slack", "discord", "ntfy"];
    const { id } = await file({ notify });
    await expect.poll(() => received.length).toBe(5);
    await idle("ntfy");
    const states = (await readTask(id)).notifications.map(({ channel, status: is }) => [
      channel,
      is,
    ]);
    expect(states).toContainEqual(["ntfy", "delivered"]);
    expect(states.filter(([, is]) => is === "pending")).toHaveLength(4);
    hung.resolve(ok());
    await delivered(id);
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

  it("that left the configuration fail what they had", async ({ expect }) => {
    receiver(() => status(500));
    const { id } = await fileForHook();
    await withVariables(channelObject("hook"), { CHANNELS: "{}" });
    await ring("hook");
    expect(await readNotification(id)).toMatchObject({
      status: "failed",
      error: { code: "unknown-channel" },
    });
    const [notification] = (await readTask(id)).notifications;
    expect((await resend(notification?.id ?? "")).status).toBe(409);
  });

  it("whose configuration cannot be read lose nothing", async ({ expect }) => {
    receiver(() => status(500));
    const { id } = await fileForHook();
    await withVariables(channelObject("hook"), { CHANNELS: "{" });
    letTimePass(60_000);
    await ring("hook");
    expect(await readNotification(id)).toMatchObject({ status: "pending", attempts: 1 });
    await evictDurableObject(channelObject("hook"));
    await ring("hook");
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });
});

it("an alarm that rings too early attempts nothing", async ({ expect }) => {
  const received = receiver(() => status(500));
  const { id } = await fileForHook();
  letTimePass(2 * SECOND_MS);
  await ring("hook");
  expect(received).toHaveLength(1);
  await untilNextAttempt(id);
  expect(received).toHaveLength(2);
});

it("an invocation sends no more than the free plan's requests, and the next one the rest", async ({
  expect,
}) => {
  const received = receive();
  const hook = channelObject("hook");
  await withVariables(hook, { CHANNELS: "{" });
  for (let n = 0; n < 60; n += 1)
    await hook.enqueue({
      id: crypto.randomUUID(),
      type: "task.created",
      timestamp: new Date().toISOString(),
      recordId: `record-${n}`,
      origin: null,
      data: {},
    });
  await evictDurableObject(hook);
  await ring("hook");
  expect(received.length).toBeGreaterThan(40);
  expect(received.length).toBeLessThan(50);
  await ring("hook");
  expect(received).toHaveLength(60);
});

it("deliveries are forgotten after thirty days", async ({ expect }) => {
  receive();
  const { id } = await fileForHook();
  letTimePass(29 * 24 * HOUR_MS);
  await ring("hook");
  expect((await readTask(id)).notifications).toHaveLength(1);
  letTimePass(2 * 24 * HOUR_MS);
  await ring("hook");
  expect((await readTask(id)).notifications).toEqual([]);
});
