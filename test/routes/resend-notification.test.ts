import * as v from "valibot";
import { afterEach, beforeEach, describe, it } from "vitest";
import { Notification } from "../../src/domain/notifications";
import { CHANNEL_SECRETS } from "../support/channel-settings";
import { expectProblem } from "../support/problem";
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
} from "../support/tasks";
import { letTimePass, restoreWorld } from "../support/users";
import { verifyWebhook } from "../support/verify-webhook";
import { post } from "../support/worker";

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
