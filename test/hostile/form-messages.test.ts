// What strangers write into a form stays text in the mails and messages that tell of it.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, it } from "vitest";
import { newest, submit, urlencoded } from "../support/forms";
import { delivered, receive, stopAlarms } from "../support/tasks";
import { restoreWorld } from "../support/users";
import { ATTACKS, elementsIn, MARK } from "./texts";

// Before anything reads the configuration.
Object.assign(env, {
  MAIL: JSON.stringify({ via: "resend", from: "serentak@example.com", secret: "re_key" }),
  OWNER_EMAIL: "owner@example.com",
});

beforeEach(stopAlarms);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const Mail = v.object({
  subject: v.string(),
  html: v.string(),
  reply_to: v.optional(v.string()),
});
const IN_MAILS = new Set([
  "html lang",
  "head",
  "meta charset",
  "body",
  "h1",
  "table",
  "tr",
  "th align",
  "td",
]);

it.for(ATTACKS)("mails and messages tell of %j as text", async (text, { expect }) => {
  const received = receive(() => Response.json({ id: "1" }));
  const fields = [
    ["title", text],
    ["description", `${text}\n${text}`],
    [text, text],
    ["email", "ada@example.com"],
    ["notify", "slack"],
    ["notify", "discord"],
  ] as const;
  expect((await submit("/tasks", urlencoded(fields))).status).toBe(303);
  const [task] = await newest("tasks");
  await delivered(task?.id ?? "");

  const bodyOf = (host: string) => received.find((sent) => sent.host === host)?.body ?? "";
  const mail = v.parse(Mail, JSON.parse(bodyOf("api.resend.com")));
  expect(mail.subject).not.toMatch(/[\r\n]/);
  expect(mail.html).toContain(MARK);
  const foreign = (await elementsIn(mail.html)).filter(
    (element) => !IN_MAILS.has(element) && !/^(?:p style|p|a href)$/.test(element),
  );
  expect(foreign, mail.html).toEqual([]);
  expect(mail.html.match(/href="[^"]*/g) ?? []).toEqual(['href="https://api.example/#tasks']);
  const slack: unknown = JSON.parse(bodyOf("slack.example"));
  expect(JSON.stringify(slack)).not.toMatch(/<(?:!|@|https:\/\/evil)/);
  expect(JSON.parse(bodyOf("discord.example"))).toMatchObject({
    allowed_mentions: { parse: [] },
  });
});
