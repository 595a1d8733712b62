// POSTs of batches while the power is cut, or new code is loaded: by default none is sent twice, where it may be it bears
// the same key, and the results tell what was sent. GETs beside them complete.
import { appendFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, it, type ExpectStatic } from "vitest";
import { createRandom } from "../support/random";
import { copyCheckout, removeCheckout } from "../support/node/checkout";
import { readResults, submit, untilOver, type Batch, type Result } from "../support/node/batches";
import { startSerentak, startWorker, type Serentak } from "../support/node/serentak";
import { until } from "../support/node/until";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";

const KILLS = Number(process.env["BATCH_KILLS"] ?? 4);
const CALLS = 24;
/** Long enough to be cut off, and for a round to be over soon. */
const MS = 150;

let server: Serentak;
let upstreams: Upstreams;

beforeAll(async () => {
  upstreams = await startUpstreams();
});
afterEach(() => server.stop());
afterAll(() => upstreams.close());

async function killAtOnce(): Promise<void> {
  await server.kill();
  await server.restart();
}

async function reload(folder: string): Promise<void> {
  const before = server.output().length;
  await appendFile(join(folder, "src/worker.ts"), "\n// Changed.");
  await until(
    async () => server.output().slice(before),
    (output) => output.includes("Reloading local server"),
  );
}

const KINDS = ["once", "again", "get"] as const;
type Kind = (typeof KINDS)[number];
const keyOf = (kind: Kind, round: number, n: number) => `${kind}-${String(round)}-${String(n)}`;

function submitKind(kind: Kind, round: number): Promise<Batch> {
  const items = Array.from({ length: CALLS }, (_, n) => {
    const url = upstreams.url(`/delay?ms=${String(MS)}&key=${keyOf(kind, round, n)}`);
    return kind === "get" ? url : { url, method: "POST", json: { n } };
  });
  const options = kind === "again" ? { max_attempts: 5 } : {};
  return submit(server.origin, { operation: "external-api", items, options });
}

const keysSent = (key: string) =>
  new Set(upstreams.requestsOf(key).map(({ headers }) => headers["idempotency-key"]));

/** What of a result does not agree with what the upstream has seen; null if all does. */
function faultOf(result: Result, { kind, hits, keys }: Seen): string | null {
  const { status, attempts, error } = result;
  const isCut = kind === "once" && error?.code === "interrupted";
  if (status !== "succeeded" && !isCut) return `${kind} is ${status}`;
  if (status === "succeeded" && hits < 1) return "it never arrived";
  if (kind === "get") return null;
  // A crash between the mark and its sending tells one more than has arrived.
  if (attempts < hits || (kind === "once" && attempts !== 1)) return `${attempts} tell ${hits}`;
  return keys > 1 ? `it was sent under ${keys} keys` : null;
}

/** What arrived of one item. */
interface Seen {
  readonly kind: Kind;
  readonly hits: number;
  readonly keys: number;
}

let rounds = 0;

async function interruptRounds(interrupt: () => Promise<void>, expect: ExpectStatic) {
  const seed = Date.now() % 2 ** 31;
  const random = createRandom(seed);
  console.log(`seed ${String(seed)}`);
  const context = `seed ${String(seed)}`;
  const end = rounds + KILLS;
  for (; rounds < end; rounds += 1) {
    const round = rounds;
    const batches = await Promise.all(KINDS.map((kind) => submitKind(kind, round)));
    const sent = random.between(1, CALLS - 1);
    await until(
      async () => [...Array(CALLS).keys()].filter((n) => upstreams.hits(keyOf("once", round, n))),
      (keys) => keys.length >= sent,
    );
    await interrupt();
    for (const [at, kind] of KINDS.entries()) {
      const id = batches[at]?.id ?? "";
      const { status } = await untilOver(server.origin, id);
      expect(status, context).toBe("completed");
      const results = await readResults(server.origin, id);
      expect(
        results.map(({ index }) => index),
        context,
      ).toEqual([...Array(CALLS).keys()]);
      for (const result of results) {
        const key = keyOf(kind, round, result.index);
        const seen = { kind, hits: upstreams.hits(key), keys: keysSent(key).size };
        expect(faultOf(result, seen), `${context}, ${key}`).toBeNull();
      }
    }
  }
}

it(
  `SIGKILL at ${String(KILLS)} random moments in the middle of POSTs`,
  { timeout: 900_000 },
  async ({ expect }) => {
    server = await startWorker();
    await interruptRounds(killAtOnce, expect);
  },
);

it(
  `A reload of the code at ${String(KILLS)} random moments in the middle of POSTs`,
  { timeout: 900_000 },
  async ({ expect, onTestFinished }) => {
    // A copy, since its source is changed.
    const folder = await copyCheckout("dist");
    onTestFinished(() => removeCheckout(folder));
    server = await startSerentak({}, folder);
    await interruptRounds(() => reload(folder), expect);
  },
);
