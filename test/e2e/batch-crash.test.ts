// Power cuts at random moments of running batches: every batch still ends, what was reported as finished
// is not done again, and nothing is lost or doubled.
import { afterAll, beforeAll, it } from "vitest";

import {
  readResults,
  submit,
  submitLines,
  texts,
  untilOver,
  type Batch,
} from "../support/node/batches";
import { type DnsResolver, startDnsResolver } from "../support/node/dns-resolver";
import { type Serentak, startWorker } from "../support/node/serentak";
import { createRandom } from "../support/random";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { until } from "../support/node/until";
import { listUsers } from "../support/node/users";

const KILLS = 10;
const LINES = 20_000;
const CALLS = 150;
const PEOPLE = 60;

let server: Serentak;
let upstreams: Upstreams;
let dns: DnsResolver;

beforeAll(async () => {
  [upstreams, dns] = await Promise.all([startUpstreams(), startDnsResolver()]);
  server = await startWorker({ DNS_RESOLVER_URL: dns.url });
});
afterAll(() => Promise.all([server.stop(), upstreams.close(), dns.close()]));

const keyOf = (round: number, n: number) => `crash-${String(round)}-${String(n)}`;
const emailOf = (round: number, n: number) => `round-${String(round)}-${String(n)}@crash.example`;

/** The batches of one round, of those that were acknowledged before the power was cut. */
interface Round {
  readonly round: number;
  readonly lines: Batch | null;
  readonly calls: Batch | null;
  readonly people: Batch | null;
}

/** Starts a round's batches. `onFirst` is called once one of them is acknowledged. */
async function startRound(round: number, onFirst: () => void): Promise<Round> {
  const unlessCutOff = (batch: Promise<Batch>) =>
    batch.then(
      (acknowledged) => {
        onFirst();
        return acknowledged;
      },
      () => null,
    );
  const urls = Array.from({ length: CALLS }, (_, n) =>
    upstreams.url(`/delay?ms=60&key=${keyOf(round, n)}`),
  );
  const users = Array.from({ length: PEOPLE }, (_, n) => ({
    name: "Ada",
    email: emailOf(round, n),
  }));
  const [lines, calls, people] = await Promise.all([
    unlessCutOff(submitLines(server.origin, "uppercase", texts(LINES))),
    unlessCutOff(submit(server.origin, { operation: "external-api", items: urls })),
    unlessCutOff(submit(server.origin, { operation: "users", items: users })),
  ]);
  return { round, lines, calls, people };
}

/**
 * Counts, for each call whose result is stored, how often it was made. Batches that were not acknowledged are
 * left out.
 */
async function finishedCalls({ round, calls }: Round): Promise<Map<string, number>> {
  if (calls === null) return new Map();
  const results = await readResults(server.origin, calls.id);
  return new Map(
    results.map(({ index }) => [keyOf(round, index), upstreams.hits(keyOf(round, index))]),
  );
}

/**
 * Asks what is reported as finished until it is as much as `enough`, and keeps how often each was called.
 *
 * @throws Error where nothing goes on any more
 */
async function watch(round: Round, enough: number, finished: Map<string, number>): Promise<void> {
  const seen = await until(
    async () => [...(await finishedCalls(round))],
    (calls) => calls.length >= enough,
  );
  for (const [key, hits] of seen) finished.set(key, hits);
}

/** The states of all batches by their ids, as the register lists them. */
async function listed(origin: string): Promise<ReadonlyMap<string, string>> {
  const headers = { Authorization: "Bearer dev", Accept: "application/x-ndjson" };
  const text = await (await fetch(`${origin}/batch-process`, { headers })).text();
  const lines = text.trim().split("\n");
  const states = new Map(
    lines.map((line) => {
      const { id, status }: { id: string; status: string } = JSON.parse(line);
      return [id, status] as const;
    }),
  );
  if (states.size !== lines.length) throw new Error("A batch is listed twice");
  return states;
}

it(
  `SIGKILL at ${String(KILLS)} random moments loses, doubles and repeats nothing`,
  { timeout: 900_000 },
  async ({ expect }) => {
    const seed = Date.now() % 2 ** 31;
    const random = createRandom(seed);
    console.log(`seed ${String(seed)}`);
    const finished = new Map<string, number>();
    const rounds: Round[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      // Every second cut comes while batches are handed in, the others once some of the calls are finished.
      if (kill % 2 === 0) {
        const round = await startRound(kill, () => undefined);
        await watch(round, random.between(1, CALLS), finished);
        await server.kill();
        rounds.push(round);
      } else {
        const acknowledged = Promise.withResolvers<void>();
        const round = startRound(kill, acknowledged.resolve);
        await acknowledged.promise;
        await server.kill();
        rounds.push(await round);
      }
      await server.restart();
    }

    const context = `seed ${String(seed)}`;
    const batches = rounds
      .flatMap(({ lines, calls, people }) => [lines, calls, people])
      .filter((batch) => batch !== null);
    expect(batches.length, context).toBeGreaterThan(KILLS);
    for (const { id, total } of batches) {
      expect(await untilOver(server.origin, id), context).toMatchObject({
        status: "completed",
        succeeded: total,
        failed: 0,
      });
      const indexes = (await readResults(server.origin, id)).map(({ index }) => index);
      expect(indexes, context).toEqual(Array.from({ length: total }, (_, index) => index));
    }
    const states = await listed(server.origin);
    for (const { id } of batches) expect(states.get(id), context).toBe("completed");
    const repeated = [...finished].filter(([key, hits]) => upstreams.hits(key) !== hits);
    expect(repeated, context).toEqual([]);
    expect(finished.size, context).toBeGreaterThan(0);

    const people = (await listUsers(server.origin)).map(({ email }) => email);
    const emails = new Set(people);
    expect(emails.size, context).toBe(people.length);
    const signedUp = rounds.flatMap(({ round, people: batch }) =>
      batch === null ? [] : Array.from({ length: PEOPLE }, (_, n) => emailOf(round, n)),
    );
    expect(
      signedUp.filter((email) => !emails.has(email)),
      context,
    ).toEqual([]);
  },
);
