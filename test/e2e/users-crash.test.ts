// Power cuts at random moments, while people sign up, move and leave: what was acknowledged is there at
// once, what was not is there once or not at all, and can be repeated.
import { afterAll, beforeAll, it, type ExpectStatic } from "vitest";

import { createRandom } from "../support/random";
import { type DnsResolver, startDnsResolver } from "../support/node/dns-resolver";
import { type Serentak, startWorker } from "../support/node/serentak";
import { call, listUsers, post, userOf, type User } from "../support/node/users";

const CUTS = 3;
const CALLERS = 20;
/** Answers before a cut. */
const MAX_ANSWERS = 120;

let server: Serentak;
let dns: DnsResolver;

beforeAll(async () => {
  dns = await startDnsResolver();
  server = await startWorker({ DNS_RESOLVER_URL: dns.url });
});
afterAll(() => Promise.all([server.stop(), dns.close()]));

/** A sign-up with its Idempotency-Key, and what became of it. */
interface SignUp {
  readonly email: string;
  /** The reply to the sign-up; null where none came. */
  reply: string | null;
  /** The last state that was acknowledged; null once that is its end. */
  user: User | null;
  /** A change or the end was asked for, and no answer came. */
  isOpen: boolean;
}

const bodyOf = (email: string) => ({ name: "Ada", email });
const keyOf = (email: string) => ({ Authorization: "Bearer dev", "Idempotency-Key": email });

/** Signs people up until the power goes; every second one moves, every third one leaves. */
async function callUntilCut(name: string, ledger: SignUp[], onAnswer: () => void): Promise<void> {
  try {
    for (let n = 1; ; n += 1) {
      const email = `${name}-${String(n)}@burst.example`;
      const entry: SignUp = { email, reply: null, user: null, isOpen: false };
      ledger.push(entry);
      const reply = await (await post(server.origin, bodyOf(email), keyOf(email))).text();
      entry.user = await userOf(new Response(reply));
      entry.reply = reply;
      onAnswer();
      if (n % 2 === 0) await change(entry, "PATCH", { email: `moved-${email}` }).then(onAnswer);
      if (n % 3 === 0) await change(entry, "DELETE").then(onAnswer);
    }
  } catch {
    // The connection is gone, and with it the answer: nothing was promised.
  }
}

async function change(entry: SignUp, method: "PATCH" | "DELETE", body?: object): Promise<void> {
  entry.isOpen = true;
  const init = { method, ...(body && { body: JSON.stringify(body) }) };
  const response = await call(server.origin, `/${entry.user?.id ?? ""}`, init);
  entry.user = method === "PATCH" ? await userOf(response) : null;
  if (method === "DELETE" && response.status !== 204) throw new Error(await response.text());
  entry.isOpen = false;
}

/** Has all callers at work, and cuts the power after so many answers. */
async function burst(round: string, answersBeforeCut: number): Promise<SignUp[]> {
  const ledger: SignUp[] = [];
  const enough = Promise.withResolvers<void>();
  let answers = 0;
  const onAnswer = () => {
    answers += 1;
    if (answers === answersBeforeCut) enough.resolve();
  };
  const callers = Array.from({ length: CALLERS }, (_, n) =>
    callUntilCut(`${round}-${String(n)}`, ledger, onAnswer),
  );
  await enough.promise;
  await server.kill();
  await Promise.all(callers);
  return ledger;
}

/** Ids of all users, each of whom has an e-mail that no other has. */
async function listDistinct(expect: ExpectStatic): Promise<Set<string>> {
  const listed = await listUsers(server.origin);
  expect(new Set(listed.map(({ email }) => email)).size).toBe(listed.length);
  return new Set(listed.map(({ id }) => id));
}

/** Checks that the last acknowledged state is stored, for users without an unanswered request. */
async function checkSettled({ user }: SignUp, id: string, expect: ExpectStatic): Promise<void> {
  const shown = await call(server.origin, `/${id}`);
  if (user === null) return expect(shown.status).toBe(404);
  expect(await userOf(shown)).toEqual(user);
  const again = await post(server.origin, bodyOf(user.email.toUpperCase()));
  expect(again.status).toBe(409);
}

/** Checks that an unanswered request has been carried out completely or not at all. */
async function checkOpen({ email, user }: SignUp, id: string, expect: ExpectStatic): Promise<void> {
  const shown = await call(server.origin, `/${id}`);
  if (shown.status === 404) return;
  const now = await userOf(shown);
  const version = (user?.version ?? 0) + 1;
  const { updated_at } = now;
  expect([user, { ...user, email: `moved-${email}`, version, updated_at }]).toContainEqual(now);
}

const seed = Date.now() % 2 ** 31;
const random = createRandom(seed);
const moments = Array.from(
  { length: CUTS },
  (_, n) => [random.between(1, MAX_ANSWERS), n] as const,
);

it.for(moments)(
  "SIGKILL after %i answers loses no user, doubles none and brings none back",
  { timeout: 600_000 },
  async ([answers, cut], { expect }) => {
    const ledger = await burst(`cut${String(cut)}`, answers);
    await server.restart();

    // Before anything else is asked for: the table knows at once.
    const ids = await listDistinct(expect);
    for (const entry of ledger) {
      if (entry.reply === null) continue;
      const { id } = JSON.parse(entry.reply) as User;
      if (!entry.isOpen) expect(ids.has(id), id).toBe(entry.user !== null);
      await (entry.isOpen ? checkOpen : checkSettled)(entry, id, expect);
    }
    for (const { email, reply } of ledger) {
      const again = await post(server.origin, bodyOf(email), keyOf(email));
      const text = await again.text();
      // The reply about a user who is no more is erased.
      const isErased = reply !== null && !ids.has((JSON.parse(reply) as User).id);
      if (isErased) expect(again.status).toBe(410);
      else expect({ status: again.status, text }).toEqual({ status: 201, text: reply ?? text });
    }
    await listDistinct(expect);
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
