// A receiver decides by status and headers, whatever its body does: in every order that needs no time. Over
// real sockets test/e2e/channels.test.ts does the same.
import { reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, it } from "vitest";
import { fileForHook, receiver, status } from "../support/hook";
import { channelObject, endAtOnce, idle, readNotification, stopAlarms } from "../support/tasks";
import { restoreWorld } from "../support/users";

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const SECOND_MS = 1000;

describe("the verdict comes before the body", () => {
  const bodies: Record<string, () => BodyInit> = {
    endless: () =>
      new ReadableStream({
        pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(1000))),
      }),
    silent: () => new ReadableStream({ pull: () => new Promise(() => undefined) }),
    reset: () =>
      new ReadableStream({ start: (controller) => controller.error(new Error("reset")) }),
  };
  /** The second that an excerpt has. */
  const hurry = () => endAtOnce(SECOND_MS);

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
