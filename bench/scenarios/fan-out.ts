// Measures how long parallel calls take, compared with the slowest of them alone, and with a Worker that only
// makes them. All are requested in turns, so that a busy machine delays them alike.
import { Client, type Shot } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { ORIGIN, peerOf, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { startServer } from "../lib/server.ts";
import { median, pairedRatio } from "../lib/statistics.ts";

/** Each round takes about two seconds. */
const SHARE_OF_EFFORT = 0.08;
/** Milliseconds of a host that hangs, as far as the others can tell. */
const HANGING_MS = 1000;
/** As those of a deployment, whose code has run before: the first calls of a process take a fifth longer. */
const WARM_UP_REQUESTS = 300;
/** Calls that a Worker of one invocation has connections for. */
const CONNECTIONS = 6;

interface Case {
  readonly what: string;
  readonly delaysMs: readonly number[];
  /** How much longer than the slowest of them all may take together; a hanging one aside. */
  readonly atMost: number;
}

const CASES: readonly Case[] = [
  { what: "300, 200 and 100 ms", delaysMs: [300, 200, 100], atMost: 1.03 },
  { what: "three of 200 ms", delaysMs: [200, 200, 200], atMost: 1.02 },
  { what: "20 of 100 ms", delaysMs: Array<number>(20).fill(100), atMost: 1.15 },
  {
    what: "19 of 100 ms beside one that hangs",
    delaysMs: [HANGING_MS, ...Array<number>(19).fill(100)],
    atMost: 1.1,
  },
];

/** Times of one case, in milliseconds. */
interface Times extends Case {
  /** The slowest call alone, without the Worker. */
  readonly ideal: number[];
  /** By the Worker that only makes them; none for more calls than it has connections for. */
  readonly bare: number[];
  readonly ours: number[];
}

/** Wall time, and its ratio to the ideal. */
export const fanOut: Scenario = {
  name: "fan-out",
  title: "Wall time of POST /external-api",
  async run({ rounds }: Effort): Promise<Report> {
    const times = await measure(Math.max(3, Math.ceil(rounds * SHARE_OF_EFFORT)));
    return {
      head: [
        "calls at once",
        "slowest alone ms",
        "bare Worker ms",
        "serentak ms",
        "÷ alone",
        "÷ bare",
      ],
      rows: times.map(({ what, ideal, bare, ours }) => [
        what,
        median(ideal).toFixed(1),
        bare.length === 0 ? "–" : median(bare).toFixed(1),
        median(ours).toFixed(1),
        pairedRatio(ours, ideal).toFixed(3),
        bare.length === 0 ? "–" : pairedRatio(ours, bare).toFixed(3),
      ]),
      targets: times.map(({ what, atMost, ideal, ours }) => ({
        what: `${what} ÷ the slowest alone`,
        atMost,
        measured: pairedRatio(ours, ideal),
      })),
      notes: ["Beside one that hangs: until the last of the others, by its receipt."],
      samples: Object.fromEntries(
        times.flatMap(({ what, ideal, bare, ours }) => [
          [`${what} alone`, ideal],
          [`${what} bare`, bare],
          [`${what} serentak`, ours],
        ]),
      ),
    };
  },
};

async function measure(rounds: number): Promise<Times[]> {
  const outside = await openOutside();
  const servers = await Promise.all(
    [peerOf("bare-posts"), SERENTAK].map((peer) => startServer(peer, outside)),
  );
  const ports = [...servers.map(({ port }) => port), Number(new URL(outside.upstream).port)];
  const [bare, ours, alone] = ports.map((port) => new Client(port, 1));
  if (bare === undefined || ours === undefined || alone === undefined) throw new Error("No client");
  const times = CASES.map((each): Times => Object.assign({ ideal: [], bare: [], ours: [] }, each));
  try {
    for (const calls of [1, 3, 20]) {
      const shot = shotOf(Array<number>(calls).fill(1), outside.upstream);
      for (const client of [bare, ours]) await client.fire(shot, WARM_UP_REQUESTS, 200);
    }
    for (let round = 0; round < rounds; round += 1)
      for (const each of times) await measureOnce(each, { bare, ours, alone }, outside.upstream);
    return times;
  } finally {
    for (const each of [bare, ours, alone, outside]) each.close();
    for (const server of servers) await server.stop();
  }
}

async function measureOnce(
  { delaysMs, ideal, bare, ours }: Times,
  clients: Readonly<Record<"bare" | "ours" | "alone", Client>>,
  upstream: string,
): Promise<void> {
  const shot = shotOf(delaysMs, upstream);
  const slowest = Math.max(...delaysMs.filter((ms) => ms < HANGING_MS));
  ideal.push((await timeOf(() => clients.alone.send(callOf(slowest)))).ms);
  if (delaysMs.length <= CONNECTIONS) bare.push((await timeOf(() => clients.bare.send(shot))).ms);
  const { ms, body } = await timeOf(() => clients.ours.send(shot));
  ours.push(delaysMs.includes(HANGING_MS) ? endOfOthers(body) : ms);
}

async function timeOf(
  run: () => Promise<{ readonly status: number; readonly body: string }>,
): Promise<{ ms: number; body: string }> {
  const startedAt = performance.now();
  const { status, body } = await run();
  if (status !== 200) throw new Error(`Answered ${status}`);
  return { ms: performance.now() - startedAt, body };
}

/** When the last call ended but the first, which hangs. */
function endOfOthers(body: string): number {
  const { results }: { results: { started_ms: number; duration_ms: number }[] } = JSON.parse(body);
  return Math.max(
    ...results.slice(1).map(({ started_ms, duration_ms }) => started_ms + duration_ms),
  );
}

function callOf(ms: number): Shot {
  return { method: "GET", path: `/delay?ms=${ms}`, headers: {}, body: "" };
}

function shotOf(delaysMs: readonly number[], upstream: string): Shot {
  const urls = delaysMs.map((ms, n) => `${upstream}/delay?ms=${ms}&n=${n}`);
  const headers = { "Content-Type": "application/json", Origin: ORIGIN };
  return { method: "POST", path: "/external-api", headers, body: JSON.stringify({ urls }) };
}
