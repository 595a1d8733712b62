// Measures how long a thousand tasks take that are sent at once, beside as many requests that do nothing. The
// runtime alone serves them: `wrangler dev` takes longer for the latter than for what a task adds to them.
import { setTimeout as delay } from "node:timers/promises";
import { Client, type Shot } from "../lib/load.ts";
import { openOutside, type Outside } from "../lib/outside.ts";
import { ORIGIN, otherVersion, type Peer, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario, Target } from "../lib/scenario.ts";
import { startServer } from "../lib/server.ts";
import { median, pairedRatio } from "../lib/statistics.ts";

const AT_ONCE = 1000;
const WARM_UP_REQUESTS = 500;
const SETTLE_MS = 2000;
const NS_PER_MS = 1e6;
/** Of what version 0.1 takes, which `--against` is meant for. */
const MOST_OF_OTHER = 1 / 3;

const NOTHING: Shot = { method: "GET", path: "/health", headers: {}, body: "" };
const TASK: Shot = {
  method: "POST",
  path: "/tasks",
  headers: { "Content-Type": "application/json", Origin: ORIGIN },
  body: JSON.stringify({ title: "Call back" }),
};

/** One sample a start, in milliseconds. */
interface Samples {
  readonly name: string;
  /** From the first request to the last answer. */
  readonly nothing: number[];
  readonly tasks: number[];
  /** CPU of all tasks, with what goes on after the last answer. */
  readonly cpu: number[];
}

/** Milliseconds of a thousand tasks at once. */
export const burst: Scenario = {
  name: "burst",
  title: "A thousand tasks at once",
  async run({ starts, against }: Effort): Promise<Report> {
    const others = against === null ? [] : [otherVersion(against)];
    const samples = await measure([...others, SERENTAK], starts);
    return {
      head: ["version", "ms", "ms of 1,000 × GET /health", "CPU ms of the tasks"],
      rows: samples.map(({ name, tasks, nothing, cpu }) => [
        name,
        ...[tasks, nothing, cpu].map((ms) => median(ms).toFixed(0)),
      ]),
      targets: toTargets(samples),
      samples: Object.fromEntries(samples.map(({ name, tasks }) => [name, tasks])),
    };
  },
};

function toTargets(samples: readonly Samples[]): Target[] {
  const [other, ours] = samples;
  if (other === undefined || ours === undefined) return [];
  const measured = pairedRatio(ours.tasks, other.tasks);
  return [{ what: "1,000 tasks ÷ other", atMost: MOST_OF_OTHER, measured }];
}

/** Starts every version in turns. */
async function measure(peers: readonly Peer[], starts: number): Promise<Samples[]> {
  const outside = await openOutside();
  const samples = peers.map(({ name }) => ({ name, nothing: [], tasks: [], cpu: [] }));
  try {
    for (let start = 0; start < starts; start += 1)
      for (const [at, peer] of peers.entries()) await measureStart(peer, outside, samples[at]);
    return samples;
  } finally {
    outside.close();
  }
}

async function measureStart(
  peer: Peer,
  outside: Outside,
  samples: Samples | undefined,
): Promise<void> {
  const server = await startServer(peer, outside);
  const client = new Client(server.port, AT_ONCE);
  const fire = async (shot: Shot, status: number): Promise<number> => {
    const startedAt = performance.now();
    await client.fire(shot, AT_ONCE, status);
    return performance.now() - startedAt;
  };
  try {
    await client.fire(TASK, WARM_UP_REQUESTS, 201);
    await delay(SETTLE_MS);
    samples?.nothing.push(await fire(NOTHING, 200));
    const before = server.cpuNs();
    samples?.tasks.push(await fire(TASK, 201));
    await delay(SETTLE_MS);
    samples?.cpu.push((server.cpuNs() - before) / NS_PER_MS);
  } finally {
    client.close();
    await server.stop();
  }
}
