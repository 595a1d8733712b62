// Mails that cannot be sent: nobody is lost, nobody gets one twice, and the owner sees what waits and why.
import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  answerAll,
  asked,
  carriedOutSoon,
  confirmSignUps,
  linksOf,
  listed,
  mailsIn,
  press,
  startAnew,
} from "../../support/sign-ups";
import { freshEmail, letTimePass, read, restoreWorld } from "../../support/users";

confirmSignUps();

const HOUR_MS = 60 * 60_000;
const PEOPLE = 5;

beforeEach(startAnew);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const Notifications = v.object({
  notifications: v.array(
    v.looseObject({
      id: v.string(),
      event: v.literal("mail"),
      status: v.string(),
      attempts: v.number(),
      http_status: v.nullable(v.number()),
    }),
  ),
});
async function notifications() {
  return v.parse(Notifications, await (await read("/notifications?channel=mail")).json())
    .notifications;
}

/** Has people sign up, and returns their addresses. */
async function signUps(): Promise<string[]> {
  const emails = Array.from({ length: PEOPLE }, freshEmail);
  for (const email of emails) await asked(email);
  await carriedOutSoon();
  return emails;
}

/** Rings the channel of mails every half hour. */
async function elapse(hours: number): Promise<void> {
  for (let half = 0; half < 2 * hours; half += 1) {
    letTimePass(HOUR_MS / 2);
    await runDurableObjectAlarm(env.CHANNEL_QUEUES.getByName("mail"));
    await carriedOutSoon(0);
  }
}

it("Mail that is down for a day loses nobody, and reaches nobody twice", async () => {
  let isDown = true;
  const received = answerAll(() => new Response(null, { status: isDown ? 503 : 202 }));
  const emails = await signUps();
  await elapse(25);
  for (const { status, attempts, http_status } of await notifications()) {
    expect([status, http_status]).toEqual(["pending", 503]);
    expect(attempts).toBeGreaterThan(3);
  }
  expect(await listed("confirmed=false")).toHaveLength(PEOPLE);

  isDown = false;
  const before = mailsIn(received).length;
  await elapse(24);
  const mails = mailsIn(received).slice(before);
  expect(mails.flatMap(({ to }) => to).toSorted()).toEqual(emails.toSorted());
  expect((await notifications()).map(({ status }) => status)).toEqual(
    emails.map(() => "delivered"),
  );
  // Their links have expired by now: the button of each mails a new one.
  for (const mail of mails) expect((await press(linksOf(mail).confirm ?? "")).status).toBe(410);
  await carriedOutSoon();
  for (const mail of mailsIn(received).slice(before + PEOPLE))
    expect((await press(linksOf(mail).confirm ?? "")).status).toBe(200);
  expect((await listed("confirmed=true")).map(({ email }) => email).toSorted()).toEqual(
    emails.toSorted(),
  );
});

it("A service that wants it slower is waited for, at no mail's expense", async () => {
  let refusals = 0;
  const received = answerAll(() => {
    refusals += 1;
    return refusals <= 4
      ? new Response(null, { status: 429, headers: { "Retry-After": "600" } })
      : new Response(null, { status: 202 });
  });
  const emails = await signUps();
  const waiting = await notifications();
  expect(waiting.map(({ status }) => status)).toEqual(emails.map(() => "pending"));
  expect(waiting.some(({ http_status }) => http_status === 429)).toBe(true);
  await elapse(3);
  expect((await notifications()).map(({ status }) => status)).toEqual(
    emails.map(() => "delivered"),
  );
  const delivered = mailsIn(received).slice(4);
  expect(delivered.flatMap(({ to }) => to).toSorted()).toEqual(emails.toSorted());
});
