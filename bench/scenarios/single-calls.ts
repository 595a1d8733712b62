// Measures the server CPU of single calls, Worker and objects together: what the README says beside the free
// plan's 10 ms an invocation.
import { measureCpu } from "../lib/cpu-rounds.ts";
import type { Shot } from "../lib/load.ts";
import { openOutside, type Outside } from "../lib/outside.ts";
import { ORIGIN, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { median, quantile } from "../lib/statistics.ts";

const US_PER_MS = 1000;
const TEXTS = 10_000;
const WARM_UP_REQUESTS = 300;
/** The large call takes some milliseconds. */
const SHARE_OF_EFFORT = 0.2;
const REQUESTS = 10;

/** A call and what it is answered with. */
interface Call {
  readonly what: string;
  readonly path: string;
  readonly status: number;
  readonly body: Shot["body"];
}

let users = 0;

function newUser(): string {
  users += 1;
  return JSON.stringify({ name: "Ada", email: `single-${users}@example.com` });
}

function calls({ upstream }: Outside): Call[] {
  const urls = [1, 2, 3].map((n) => `${upstream}/?n=${n}`);
  const items = Array.from({ length: TEXTS }, (_, n) => `item ${n}`);
  return [
    { what: "a sign-up", path: "/users", status: 201, body: newUser },
    { what: "a task", path: "/tasks", status: 201, body: JSON.stringify({ title: "Call back" }) },
    { what: "three calls", path: "/external-api", status: 200, body: JSON.stringify({ urls }) },
    {
      what: "10,000 texts",
      path: "/process-data",
      status: 200,
      body: JSON.stringify({ operation: "uppercase", items }),
    },
  ];
}

/** Server CPU of one call of each kind. */
export const singleCalls: Scenario = {
  name: "single-calls",
  title: "Server CPU of single calls, Worker and objects together",
  async run(effort: Effort): Promise<Report> {
    const outside = await openOutside();
    try {
      const rows: string[][] = [];
      const samples: Record<string, number[]> = {};
      for (const call of calls(outside)) {
        const cpuMs = await measure(call, outside, effort);
        samples[call.what] = cpuMs;
        const quartiles = [0.25, 0.75].map((share) => quantile(cpuMs, share).toFixed(1));
        rows.push([call.what, call.path, median(cpuMs).toFixed(1), quartiles.join("–")]);
      }
      return {
        head: ["call", "POST", "CPU ms", "quartiles"],
        rows,
        targets: [],
        notes: ["What a batch takes, `batch` measures."],
        samples,
      };
    } finally {
      outside.close();
    }
  },
};

async function measure(
  { path, status, body }: Call,
  outside: Outside,
  effort: Effort,
): Promise<number[]> {
  const headers = { "Content-Type": "application/json", Origin: ORIGIN };
  const shot: Shot = { method: "POST", path, headers, body };
  const [ours] = await measureCpu(
    { peers: [SERENTAK], outside, shot, status },
    {
      ...effort,
      rounds: Math.ceil(effort.rounds * SHARE_OF_EFFORT),
      requests: REQUESTS,
      warmUp: WARM_UP_REQUESTS,
    },
  );
  return (ours?.cpuUs ?? []).map((us) => us / US_PER_MS);
}
