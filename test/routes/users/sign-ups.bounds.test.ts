// How many mails sign-ups cause: bounded for an address and for a caller, whoever asks; the replies are the same.
import { reset, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, it } from "vitest";
import type { Mail } from "../../../src/domain/mail/mail";
import { mayMail } from "../../../src/domain/records/confirmation";
import {
  answerAll,
  ask,
  asked,
  carriedOutSoon,
  confirmSignUps,
  linksOf,
  listed,
  mailsIn,
  press,
  startAnew,
} from "../../support/sign-ups";
import { freshEmail, letTimePass, restoreWorld, usersTable } from "../../support/users";
import { post } from "../../support/worker";

confirmSignUps();

const HOUR_MS = 60 * 60_000;
const FLOOD = 30;

beforeEach(startAnew);
afterEach(async () => {
  restoreWorld();
  await reset();
});

const from = (address: string) => ({ "CF-Connecting-IP": address });
const times = (count: number) => Array.from({ length: count }, (_, n) => n);
const recipients = (mails: readonly Mail[]) => mails.flatMap(({ to }) => to);

describe("a further mail", () => {
  const NOW = Date.UTC(2026, 10, 28);
  const ago = (...hours: readonly number[]) => hours.map((hour) => NOW - hour * HOUR_MS);

  it.for([
    ["the first", [], [], true],
    ["the third of an hour", [0.1, 0.9], [], true],
    ["the fourth of an hour", [0.1, 0.5, 0.9], [], false],
    ["after three that are an hour old", [1, 1, 1], [], true],
    ["the tenth of a day", [2, 4, 6, 8, 10, 12, 14, 16, 18], [], true],
    ["the eleventh of a day", [2, 4, 6, 8, 10, 12, 14, 16, 18, 20], [], false],
    ["after ten that are a day old", times(10).map(() => 24), [], true],
    ["the twentieth of a caller's hour", [], times(19).map(() => 0.5), true],
    ["the twenty-first of a caller's hour", [], times(20).map(() => 0.5), false],
    ["after twenty that are an hour old", [], times(20).map(() => 1), true],
  ] as const)("%s", ([, toAddress, byCaller, isAllowed], { expect }) => {
    const sent = { toAddress: ago(...toAddress), byCaller: ago(...byCaller) };
    expect(mayMail(sent, NOW)).toBe(isAllowed);
  });
});

describe("a flood", () => {
  it("of one address by many callers is three mails an hour, and ten a day", async ({ expect }) => {
    const received = answerAll();
    const email = freshEmail();
    for (let n = 0; n < FLOOD; n += 1) await asked(n % 2 === 0 ? email : email.toUpperCase());
    await carriedOutSoon();
    expect(mailsIn(received)).toHaveLength(3);
    // Nobody could confirm the others.
    expect(await listed("confirmed=false")).toHaveLength(3);
    for (let hour = 0; hour < 23; hour += 1) {
      letTimePass(HOUR_MS);
      for (let n = 0; n < 4; n += 1) await asked(email);
      await carriedOutSoon();
    }
    expect(mailsIn(received)).toHaveLength(10);
    await carriedOutSoon(3 * HOUR_MS);
    await asked(email);
    await carriedOutSoon();
    expect(mailsIn(received)).toHaveLength(11);
  });

  it("of many addresses by one caller is twenty mails an hour, and hinders nobody else", async ({
    expect,
  }) => {
    const received = answerAll();
    const network = "2001:db8:1:2";
    for (let n = 0; n < FLOOD; n += 1)
      await asked(freshEmail(), {}, from(`${network}:${n.toString(16)}::1`));
    await carriedOutSoon();
    expect(mailsIn(received)).toHaveLength(20);
    expect(new Set(recipients(mailsIn(received))).size).toBe(20);
    const email = freshEmail();
    await asked(email, {}, from("2001:db8:1:3::1"));
    await carriedOutSoon();
    expect(recipients(mailsIn(received))).toContain(email);
    letTimePass(HOUR_MS);
    const later = freshEmail();
    await asked(later, {}, from(`${network}::1`));
    await carriedOutSoon();
    expect(recipients(mailsIn(received))).toContain(later);
  });

  it("in batches counts for the caller that sent them, too", async ({ expect }) => {
    const received = answerAll();
    const caller = from("192.0.2.77");
    for (let n = 0; n < 15; n += 1) await asked(freshEmail(), {}, caller);
    await carriedOutSoon();
    const items = times(FLOOD).map(() => ({ name: "Ada", email: freshEmail() }));
    const headers = { ...caller, Prefer: "wait=20" };
    const batch = await post("/batch-process", { operation: "users", items }, headers);
    expect(await batch.json()).toMatchObject({ succeeded: FLOOD, failed: 0 });
    await carriedOutSoon();
    expect(mailsIn(received)).toHaveLength(20);
    const others = await post(
      "/batch-process",
      { operation: "users", items },
      { Prefer: "wait=20" },
    );
    expect(await others.json()).toMatchObject({ succeeded: FLOOD, failed: 0 });
    await carriedOutSoon();
    expect(mailsIn(received)).toHaveLength(40);
  });

  it("goes on counting after the address was erased", async ({ expect }) => {
    const received = answerAll();
    const email = freshEmail();
    for (let n = 0; n < 3; n += 1) await asked(email);
    await carriedOutSoon();
    const [mail] = mailsIn(received);
    if (mail === undefined) throw new Error("No mail");
    expect((await press(linksOf(mail).unsubscribe)).status).toBe(200);
    await asked(email);
    await carriedOutSoon();
    expect(mailsIn(received)).toHaveLength(3);
    expect(await listed("confirmed=false")).toEqual([]);
  });

  it("leaves no more behind than a keyed hash, and that for a day", async ({ expect }) => {
    answerAll();
    const email = freshEmail();
    for (let n = 0; n < 5; n += 1) await asked(email, {}, from("192.0.2.78"));
    await carriedOutSoon();
    const rows = () =>
      runInDurableObject(usersTable(), (_, { storage }) =>
        storage.sql.exec("SELECT * FROM mails_counted").toArray(),
      );
    const counted = await rows();
    expect(counted).toHaveLength(2);
    expect(counted.map(({ hash }) => hash)).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
    expect(JSON.stringify(counted)).not.toContain("192.0.2.78");
    await carriedOutSoon(25 * HOUR_MS);
    expect(await rows()).toEqual([]);
  });
});

it("A sign-up that is repeated by its key is one, with one mail", async ({ expect }) => {
  const received = answerAll();
  const email = freshEmail();
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  for (let n = 0; n < 3; n += 1) {
    expect((await ask(email, {}, headers)).status).toBe(202);
    await carriedOutSoon();
  }
  expect(mailsIn(received)).toHaveLength(1);
  expect(await listed("confirmed=false")).toHaveLength(1);
  const [mail] = mailsIn(received);
  await press((mail && linksOf(mail).unsubscribe) ?? "");
  const again = await ask(email, {}, headers);
  expect([again.status, again.headers.get("Idempotency-Replayed")]).toEqual([202, "true"]);
  expect(await listed("confirmed=false")).toEqual([]);
});
