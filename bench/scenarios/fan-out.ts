// Measures how long parallel calls take, compared with the slowest of them alone, and with what six
// connections at a time allow. Both are requested alternately, so that a busy machine delays them alike.
import { Client, type Shot } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { ORIGIN, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { startServer } from "../lib/server.ts";
import { median, pairedRatio } from "../lib/statistics.ts";

/** Each round takes about two seconds. */
const SHARE_OF_EFFORT = 0.08;
const CONNECTIONS = 6;
const MAX_RATIO = 1.03;

const CASES: readonly { readonly what: string; readonly delaysMs: readonly number[] }[] = [
  { what: "300, 200 and 100 ms", delaysMs: [300, 200, 100] },
  { what: "three of 200 ms", delaysMs: [200, 200, 200] },
  { what: "18 of 100 ms", delaysMs: Array<number>(18).fill(100) },
];

/** Times of one case, in milliseconds. */
interface Times {
  readonly what: string;
  readonly waves: number;
  /** The slowest call alone, without the Worker, as often as there are waves. */
  readonly ideal: number[];
  readonly ours: number[];
}

/** Wall time, and its ratio to the ideal. */
export const fanOut: Scenario = {
  name: "fan-out",
  title: "Wall time of POST /external-api",
  async run({ rounds }: Effort): Promise<Report> {
    const times = await measure(Math.max(3, Math.ceil(rounds * SHARE_OF_EFFORT)));
    return {
      head: ["calls at once", "waves of six", "ideal ms", "serentak ms", "÷ ideal"],
      rows: times.map(({ what, waves, ideal, ours }) => [
        what,
        String(waves),
        median(ideal).toFixed(1),
        median(ours).toFixed(1),
        pairedRatio(ours, ideal).toFixed(3),
      ]),
      targets: times.map(({ what, ideal, ours }) => ({
        what: `${what} ÷ ideal`,
        atMost: MAX_RATIO,
        measured: pairedRatio(ours, ideal),
      })),
      notes: [
        "Ideal: the slowest call made directly, as often one after another as there are waves.",
      ],
      samples: Object.fromEntries(
        times.flatMap(({ what, ideal, ours }) => [
          [`${what} ideal`, ideal],
          [`${what} serentak`, ours],
        ]),
      ),
    };
  },
};

async function measure(rounds: number): Promise<Times[]> {
  const outside = await openOutside();
  const server = await startServer(SERENTAK, outside);
  const client = new Client(server.port, 1);
  const upstream = new Client(Number(new URL(outside.upstream).port), 1);
  const results = CASES.map(({ what, delaysMs }): Times => {
    return { what, waves: Math.ceil(delaysMs.length / CONNECTIONS), ideal: [], ours: [] };
  });
  try {
    for (const delaysMs of [[1], [1, 1, 1]]) await client.send(shotOf(delaysMs, outside.upstream));
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, { delaysMs }] of CASES.entries()) {
        const { waves = 1, ideal, ours } = results[at] ?? {};
        const slowest = Math.max(...delaysMs);
        ideal?.push(waves * (await timeOf(() => upstream.send(callOf(slowest)))));
        ours?.push(await timeOf(() => client.send(shotOf(delaysMs, outside.upstream))));
      }
    }
    return results;
  } finally {
    for (const each of [client, upstream, outside]) each.close();
    await server.stop();
  }
}

async function timeOf(run: () => Promise<{ readonly status: number }>): Promise<number> {
  const startedAt = performance.now();
  const { status } = await run();
  if (status !== 200) throw new Error(`Answered ${status}`);
  return performance.now() - startedAt;
}

function callOf(ms: number): Shot {
  return { method: "GET", path: `/delay?ms=${ms}`, headers: {}, body: "" };
}

function shotOf(delaysMs: readonly number[], upstream: string): Shot {
  const urls = delaysMs.map((ms, n) => `${upstream}/delay?ms=${ms}&n=${n}`);
  const headers = { "Content-Type": "application/json", Origin: ORIGIN };
  return { method: "POST", path: "/external-api", headers, body: JSON.stringify({ urls }) };
}
