// What a receiver decides by status and headers, whatever its body does.
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { systemClock } from "../../src/runtime/clock";
import { CHANNEL_SECRETS } from "../support/channel-settings";
import {
  channelObject,
  delivered,
  file,
  idle,
  readNotification,
  receive,
  stopAlarms,
} from "../support/tasks";
import { restoreWorld } from "../support/users";
import { verifyWebhook } from "../support/verify-webhook";

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const SECOND_MS = 1000;
const { HOOK_SECRET } = CHANNEL_SECRETS;

const ok = () => new Response(null, { status: 204 });
const status = (code: number, headers: Record<string, string> = {}, body: BodyInit | null = "no") =>
  new Response(body, { status: code, headers });

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

describe("the verdict comes before the body", () => {
  const bodies: Record<string, () => BodyInit> = {
    endless: () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(1000))),
      }),
    dripping: () =>
      new ReadableStream({
        async pull(controller) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          controller.enqueue(new TextEncoder().encode("x"));
        },
      }),
    silent: () => new ReadableStream({ pull: () => new Promise(() => undefined) }),
    reset: () =>
      new ReadableStream({ start: (controller) => controller.error(new Error("reset")) }),
  };
  /** A second is over at once. */
  const hurry = () =>
    vi.spyOn(systemClock, "after").mockImplementation((ms, callback) => {
      const timer = setTimeout(callback, ms === 1000 ? 10 : ms);
      return () => clearTimeout(timer);
    });

  it.for(Object.keys(bodies))(
    "a 410 disables the channel, be its body %s",
    async (name, { expect }) => {
      hurry();
      receiver(() => status(410, {}, bodies[name]?.() ?? null));
      const { id } = await fileForHook();
      expect(await channelObject("hook").summary()).toMatchObject({
        state: "disabled",
        waiting: 1,
      });
      expect(await readNotification(id)).toMatchObject({ status: "pending", http_status: 410 });
    },
  );

  it.for(Object.keys(bodies))(
    "a 503 with Retry-After makes it wait, be its body %s",
    async (name, { expect }) => {
      hurry();
      receiver(() => status(503, { "Retry-After": "60" }, bodies[name]?.() ?? null));
      const { id } = await fileForHook();
      const { next_attempt_at } = await readNotification(id);
      expect(Date.parse(next_attempt_at ?? "") - Date.now()).toBeGreaterThan(55 * SECOND_MS);
    },
  );
});

describe("a receiver ends", () => {
  it("a delivery with abort-message", async ({ expect }) => {
    receiver(() => status(500, { "webhook-delivery": "abort-message" }));
    const { id } = await fileForHook();
    expect(await readNotification(id)).toMatchObject({ status: "failed", attempts: 1 });
  });

  it("its channel with disable, whose deliveries wait until it is enabled", async ({ expect }) => {
    const received = receiver(() => status(400, { "webhook-delivery": "disable" }));
    const { id } = await fileForHook();
    const later = await fileForHook();
    expect(received).toHaveLength(1);
    expect(await readNotification(later.id)).toMatchObject({ status: "pending", attempts: 0 });
    await channelObject("hook").enable();
    await idle("hook");
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 2 });
    expect(await readNotification(later.id)).toMatchObject({ status: "delivered" });
  });
});
