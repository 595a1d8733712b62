// Mails through channels: what the Worker itself sends, what owners are told, and who is answered.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, it } from "vitest";
import { createMail } from "../../src/domain/mail/mail";
import { createEvent, MAIL_EVENT } from "../../src/domain/notifications/events";
import { NotificationDetail } from "../../src/domain/notifications/delivery";
import { channelNamed, tell } from "../../src/runtime/channels";
import { expectProblem } from "../support/problem";
import {
  channelObject,
  delivered,
  file,
  idle,
  readTask,
  receive,
  stopAlarms,
  withVariables,
} from "../support/tasks";
import { restoreWorld } from "../support/users";
import { AUTHORIZATION, post, send } from "../support/worker";

const FROM = "Serentak <serentak@example.com>";
const outbox = { MAIL: JSON.stringify({ via: "outbox", from: FROM }) };
// Before anything reads the configuration.
Object.assign(env, {
  MAIL: JSON.stringify({ via: "resend", from: FROM, secret: "re_key" }),
  OWNER_EMAIL: "owner@example.com",
});

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

it("an outbox sends nothing, keeps mails to be read, and is for a local Worker alone", async ({
  expect,
}) => {
  const received = receive();
  await withVariables(channelObject("mail"), outbox);
  const id = crypto.randomUUID();
  const mail = {
    from: FROM,
    to: ["ada@example.com"],
    reply_to: null,
    subject: "Confirm",
    text: "https://app.example/confirm",
    html: "<p>https://app.example/confirm</p>",
    headers: {},
  };
  const data = createMail(mail);
  const event = createEvent({ id, type: MAIL_EVENT, recordId: "u1", data }, Date.now());
  for (let time = 0; time < 2; time += 1) await tell(env, event, ["mail"]);
  await idle("mail");
  expect(received).toEqual([]);
  const found = await channelNamed(env, "mail").read(id);
  expect(found?.delivery).toMatchObject({ status: "delivered", attempts: 1 });
  // The tests' own address is none of this machine.
  await expectProblem(
    expect,
    await send("/channels", { headers: AUTHORIZATION }, outbox),
    "internal",
  );
});

it("the owner is mailed every new task, and answers who filed it", async ({ expect }) => {
  const received = receive();
  const { id } = await file({ title: "Call\u00adAda", reply_to: "ada@example.com" });
  await delivered(id);
  expect(received).toHaveLength(1);
  const mail: unknown = JSON.parse(received[0]?.body ?? "");
  expect(mail).toMatchObject({
    from: FROM,
    to: ["owner@example.com"],
    reply_to: "ada@example.com",
    subject: expect.stringContaining("New task"),
  });
  const [notification] = (await readTask(id)).notifications;
  const response = await send(`/notifications/${notification?.id}`, { headers: AUTHORIZATION });
  const { payload } = v.parse(NotificationDetail, await response.json());
  expect(payload).toMatchObject({ to: ["owner@example.com"], text: expect.any(String) });
});

it("nobody names the channel of the Worker's own mails, nor without a token the owner's", async ({
  expect,
}) => {
  receive();
  for (const [name, headers] of [
    ["mail", AUTHORIZATION],
    ["mail", {}],
    ["owner", {}],
  ] as const) {
    const response = await post("/tasks", { title: "x", notify: [name] }, headers);
    await expectProblem(expect, response, "invalid-body");
  }
});
