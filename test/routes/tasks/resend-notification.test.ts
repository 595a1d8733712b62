import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { Notification } from "../../../src/domain/notifications/notifications";
import { Job } from "../../../src/durable-objects/job";
import { CHANNEL_SECRETS } from "../../support/channel-settings";
import { expectProblem } from "../../support/problem";
import {
  delivered,
  file,
  readNotification,
  readTask,
  receive,
  removeTask,
  resend,
  stopAlarms,
  untilNextAttempt,
} from "../../support/tasks";
import { letTimePass, restoreWorld } from "../../support/users";
import { verifyWebhook } from "../../support/verify-webhook";
import { post } from "../../support/worker";

beforeEach(stopAlarms);
afterEach(restoreWorld);

/** Files a task, has one channel told of it, and resends that. */
async function fileAndResend() {
  const { id } = await file({ notify: ["hook"] });
  await delivered(id);
  const { id: nid } = await readNotification(id);
  letTimePass(60_000);
  const response = await resend(id, nid);
  await delivered(id);
  return { id, nid, response };
}

describe("a notification that is sent again", () => {
  it("is the same message with a fresh signature", async ({ expect }) => {
    const received = receive();
    const { id, nid, response } = await fileAndResend();
    expect(response.status).toBe(202);
    expect(v.parse(Notification, await response.json())).toMatchObject({
      id: nid,
      channel: "hook",
      event: "task.created",
      status: "pending",
      attempts: 0,
    });
    const [first, second] = received;
    expect(received).toHaveLength(2);
    expect(second?.body).toBe(first?.body);
    expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
    expect(Number(second?.headers["webhook-timestamp"])).toBeGreaterThan(
      Number(first?.headers["webhook-timestamp"]),
    );
    verifyWebhook(CHANNEL_SECRETS.HOOK_SECRET, second?.body ?? "", second?.headers ?? {});
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 1 });
  });

  it("is sent although an attempt is under way, whose outcome does not count", async ({
    expect,
  }) => {
    const first = Promise.withResolvers<Response>();
    const received = receive((_, index) =>
      index === 0 ? first.promise : new Response(null, { status: 204 }),
    );
    const { id, notifications } = await file({ notify: ["hook"] });
    await vi.waitFor(() => expect(received).toHaveLength(1));
    const restart = vi.spyOn(Job.prototype, "restart");
    const resent = resend(id, notifications[0]?.id ?? "");
    await vi.waitFor(() => expect(restart).toHaveResolved());
    first.resolve(new Response("no", { status: 410 }));
    await vi.waitFor(() => expect(received).toHaveLength(2));
    expect((await resent).status).toBe(202);
    await delivered(id);
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 1 });
  });

  it("does not wait for a receiver that hangs", async ({ expect }) => {
    const hung = Promise.withResolvers<Response>();
    const received = receive(({ host }) =>
      host === "hook.example" ? hung.promise : new Response(null, { status: 204 }),
    );
    const toSlack = () => received.filter(({ host }) => host === "slack.example");
    const { id, notifications } = await file({ notify: ["hook", "slack"] });
    await vi.waitFor(() => expect(toSlack()).toHaveLength(1));
    const { id: nid } = notifications.find(({ channel }) => channel === "slack") ?? { id: "" };
    await vi.waitFor(async () => {
      const { notifications: now } = await readTask(id);
      expect(now.find((entry) => entry.id === nid)?.status).toBe("delivered");
    });
    const resent = resend(id, nid);
    await vi.waitFor(() => expect(toSlack()).toHaveLength(2));
    hung.resolve(new Response(null, { status: 204 }));
    expect((await resent).status).toBe(202);
  });

  it("has the whole schedule before it again, also after it was given up", async ({ expect }) => {
    receive((_, index) => new Response(null, { status: [410, 503][index] ?? 204 }));
    const { id } = await fileAndResend();
    expect(await readNotification(id)).toMatchObject({ status: "pending", attempts: 1 });
    expect(await untilNextAttempt(id)).toBeLessThan(6000);
    expect(await readNotification(id)).toMatchObject({ status: "delivered", attempts: 2 });
  });

  it("leaves the others of the same event alone", async ({ expect }) => {
    const received = receive();
    const task = await file({ notify: ["hook", "slack", "ntfy"] });
    await delivered(task.id);
    const slack = task.notifications.find(({ channel }) => channel === "slack");
    expect((await resend(task.id, slack?.id ?? "")).status).toBe(202);
    await delivered(task.id);
    expect(received.map(({ host }) => host).slice(3)).toEqual(["slack.example"]);
    const { notifications } = await readTask(task.id);
    expect(notifications.map(({ status }) => status)).toEqual(Array(3).fill("delivered"));
  });
});

describe("nothing is sent again", () => {
  it("of a task that is not there, or that has no such notification", async ({ expect }) => {
    receive();
    const { id } = await file({ notify: ["hook"] });
    await delivered(id);
    const { id: nid } = await readNotification(id);
    await expectProblem(expect, await resend(id, crypto.randomUUID()), "not-found");
    await expectProblem(expect, await resend(crypto.randomUUID(), nid), "not-found");
    await expectProblem(expect, await resend(id, "nothing"), "not-found");
    const other = await file();
    await expectProblem(expect, await resend(other.id, nid), "not-found");
    await removeTask(id);
    await expectProblem(expect, await resend(id, nid), "not-found");
  });

  it("without a token", async ({ expect }) => {
    receive();
    const task = await file({ notify: ["hook"] });
    const path = `/tasks/${task.id}/notifications/${task.notifications[0]?.id}/resend`;
    await expectProblem(expect, await post(path, undefined), "unauthorized");
  });
});
