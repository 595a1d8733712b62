// A person who uses the link to unsubscribe: their strings are looked for in all that is stored anywhere, in
// every reply that can still be had, and in the log.
import { runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { channelsJson } from "./support/channel-settings";
import {
  answerAll,
  ask,
  carriedOutSoon,
  confirmSignUps,
  linksOf,
  listed,
  mailsIn,
  press,
  startAnew,
} from "./support/sign-ups";
import { publishedRecords, storedRows } from "./support/stored";
import { read, restoreWorld } from "./support/users";
import { post } from "./support/worker";

/** In every text that the person gives. */
const MARK = "zq7xmark";

confirmSignUps({ CHANNELS: channelsJson({ hook: ["user.*"], rotating: ["user.*"] }) });
let log: string[];
beforeEach(() => {
  startAnew();
  log = [];
  for (const level of ["log", "error", "warn"] as const)
    vi.spyOn(console, level).mockImplementation((text: unknown) => void log.push(String(text)));
});
afterEach(restoreWorld);

const marked = (texts: readonly string[]) =>
  texts.filter((text) => text.toLowerCase().includes(MARK));

async function settle(): Promise<void> {
  await carriedOutSoon(60_000);
  for (const name of ["hook", "rotating", "mail"])
    await runDurableObjectAlarm(env.CHANNEL_QUEUES.getByName(name));
  await carriedOutSoon();
}

/** All that can still be read. */
async function replies(ids: readonly string[], repeats: readonly (() => Promise<Response>)[]) {
  const paths = [
    "/users?limit=100",
    "/users?confirmed=false",
    "/notifications?limit=100",
    ...ids.flatMap((id) => [
      `/users/${id}`,
      `/notifications/${id}.mail`,
      `/notifications/${id}.hook`,
    ]),
  ];
  const all = [...paths.map((path) => () => read(path)), ...repeats];
  return Promise.all(
    all.map(async (send) => {
      const response = await send();
      return JSON.stringify([response.status, [...response.headers], await response.text()]);
    }),
  );
}

it("Nothing is left of a person who unsubscribes, confirmed or not", async () => {
  const received = answerAll();
  const emails = ["one", "two", "three"].map((name) => `${MARK}-${name}@example.com`);
  const person = (email: string) => ({
    name: `Ada ${MARK}`,
    email,
    metadata: { [MARK]: [MARK] },
  });
  const headers = { "Idempotency-Key": crypto.randomUUID(), "CF-Connecting-IP": "192.0.2.9" };
  const [first = "", second = "", third = ""] = emails;
  const keyed = () => post("/users", person(first), headers);
  await keyed();
  await ask(second, person(second));
  const batch = { operation: "users", items: [person(third)] };
  await post("/batch-process", batch, { Prefer: "wait=20" });
  await settle();
  const mails = mailsIn(received);
  expect(mails.flatMap(({ to }) => to).toSorted()).toEqual(emails.toSorted());
  const pending = await listed("confirmed=false");
  for (const mail of mails) {
    if (mail.to[0] !== second) expect((await press(linksOf(mail).confirm ?? "")).status).toBe(200);
  }
  // Signs up once more: a mail says that the address is confirmed; and one of it waits.
  await ask(first, person(first));
  await settle();
  await ask(first, person(first));
  const ids = pending.map(({ id }) => id);
  // What is looked for is there to be found, in each kind of place.
  const rows = marked(await storedRows());
  for (const binding of ["TABLES", "CHANNEL_QUEUES"])
    expect(rows.filter((row) => row.startsWith(binding))).not.toEqual([]);
  expect(marked(await publishedRecords())).not.toEqual([]);
  expect(marked(await replies(ids, [keyed]))).not.toEqual([]);

  for (const mail of mails) expect((await press(linksOf(mail).unsubscribe)).status).toBe(200);
  await settle();
  expect(marked(await storedRows())).toEqual([]);
  expect(marked(await publishedRecords())).toEqual([]);
  expect(marked(await replies(ids, [keyed]))).toEqual([]);
  expect(marked(log)).toEqual([]);
});
