// A power cut in the middle of sign-ups: what was acknowledged is there, what was not is there once or
// not at all, and can be repeated.
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, it } from "vitest";
import { mapConcurrently } from "../../src/lib/map-concurrently";

import { type DnsResolver, startDnsResolver } from "../support/node/dns-resolver";
import { type Serentak, startSerentak } from "../support/node/serentak";
import { call, listUsers, post, userOf } from "../support/node/users";

let server: Serentak;
let dns: DnsResolver;

beforeAll(async () => {
  dns = await startDnsResolver();
  server = await startSerentak({ DNS_RESOLVER_URL: dns.url });
});
afterAll(() => Promise.all([server.stop(), dns.close()]));

const BURST = 200;
/** Few enough that the power is cut in the middle, on a machine of any speed. */
const AT_ONCE = 25;
const POLL_MS = 100;
const MAX_POLLS = 100;

interface SignUp {
  readonly email: string;
  /** The id that was acknowledged, or null where no answer came. */
  readonly id: string | null;
}

function bodyOf(email: string) {
  return { name: "Ada", email };
}

/** Signs many up, many at once, and cuts the power after so many answers. */
async function burst(round: string, answersBeforeKill: number): Promise<SignUp[]> {
  let answers = 0;
  const enough = Promise.withResolvers<void>();
  const emails = Array.from({ length: BURST }, (_, n) => `${round}-${String(n)}@burst.example`);
  const requests = mapConcurrently(emails, AT_ONCE, async (email): Promise<SignUp> => {
    try {
      const response = await post(server.origin, bodyOf(email), { "Idempotency-Key": email });
      const { id } = await userOf(response);
      answers += 1;
      if (answers === answersBeforeKill) enough.resolve();
      return { email, id };
    } catch {
      return { email, id: null };
    }
  });
  await enough.promise;
  await server.kill();
  return requests;
}

/** Users of a round by e-mail, once the list holds all that `isThere` asks for. */
async function listRound(round: string, emails: readonly string[]): Promise<Map<string, string[]>> {
  for (let poll = 0; ; poll += 1) {
    const byEmail = new Map<string, string[]>();
    for (const { email, id } of await listUsers(server.origin)) {
      if (email.startsWith(`${round}-`)) byEmail.set(email, [...(byEmail.get(email) ?? []), id]);
    }
    if (emails.every((email) => byEmail.has(email)) || poll === MAX_POLLS) return byEmail;
    await delay(POLL_MS);
  }
}

it.for([1, 15, 40])(
  "SIGKILL after %i of 200 answers loses no user and doubles none",
  { timeout: 120_000 },
  async (answers, { expect }) => {
    const round = `round${String(answers)}`;

    const signUps = await burst(round, answers);
    await server.restart();

    const acknowledged = signUps.filter(({ id }) => id !== null);
    expect(acknowledged.length).toBeGreaterThanOrEqual(answers);
    expect(acknowledged.length).toBeLessThan(BURST);
    for (const { email, id } of acknowledged) {
      const replay = await post(server.origin, bodyOf(email), { "Idempotency-Key": email });
      expect(await userOf(replay)).toMatchObject({ id, email });
    }
    // Whoever got no answer asks again without the key: taken means that the commit was in time.
    const cutOff = signUps.filter(({ id }) => id === null);
    const again = await Promise.all(cutOff.map(({ email }) => post(server.origin, bodyOf(email))));
    const statuses = new Set(again.map(({ status }) => status));
    expect([...statuses].filter((status) => status !== 201 && status !== 409)).toEqual([]);

    const emails = signUps.map(({ email }) => email);
    const listed = await listRound(round, emails);
    expect([...listed.keys()].toSorted()).toEqual(emails.toSorted());
    expect([...listed.values()].filter((ids) => ids.length !== 1)).toEqual([]);
    for (const { email, id } of acknowledged) {
      expect(listed.get(email)).toEqual([id]);
      const user = await userOf(await call(server.origin, `/${String(id)}`));
      expect(user).toMatchObject({ id, email });
    }
  },
);

it("An Idempotency-Key outlives the process, and so do changes", async ({ expect }) => {
  const body = bodyOf("lasting@burst.example");
  const headers = { "Idempotency-Key": "lasting" };
  const first = await post(server.origin, body, headers);
  const text = await first.text();
  const { id } = JSON.parse(text) as { id: string };
  const patch = { method: "PATCH", body: '{"email":"moved@burst.example"}' };
  const moved = await userOf(await call(server.origin, `/${id}`, patch));

  await server.kill();
  await server.restart();

  const again = await post(server.origin, body, headers);
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect([again.status, await again.text()]).toEqual([first.status, text]);
  expect(await userOf(await call(server.origin, `/${id}`))).toEqual(moved);
  expect((await post(server.origin, bodyOf("MOVED@burst.example"))).status).toBe(409);
  expect((await post(server.origin, bodyOf("lasting@burst.example"))).status).toBe(201);
  const rename = { method: "PATCH", body: '{"name":"Grace"}' };
  expect(await userOf(await call(server.origin, `/${id}`, rename))).toMatchObject({
    name: "Grace",
    version: 3,
  });
});
