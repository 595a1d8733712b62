// Measures the cost of the other four POSTs against a Worker that does the same work without our promises,
// objects included, and against one that gives the same answers and stores everything in KV.
import { measureCpu, type PeerSamples } from "../lib/cpu-rounds.ts";
import type { Shot } from "../lib/load.ts";
import { openOutside, type Outside } from "../lib/outside.ts";
import { ORIGIN, otherVersion, peerOf, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario, Target } from "../lib/scenario.ts";
import { median, pairedRatio, quantile } from "../lib/statistics.ts";

const WARM_UP_REQUESTS = 6000;
/** Each is an object with files of its own. */
const WARM_UP_BATCHES = 1500;
/** These requests take longer than those of /process-data, and differ by more. */
const SHARE_OF_EFFORT = 0.2;
const REQUESTS = 25;
const BATCH_ITEMS = 100;

/** One endpoint and its good request. */
interface Endpoint {
  readonly path: string;
  /** What tells it from another of the same path. */
  readonly what?: string;
  readonly status: number;
  readonly body: Shot["body"];
  /** Factor by which it may cost more than `bare`; absent if there is no limit. */
  readonly mostOverBare?: number;
  readonly warmUp?: number;
}

function endpoints({ upstream }: Outside): Endpoint[] {
  const items = Array.from({ length: BATCH_ITEMS }, (_, n) => `item ${n}`);
  const urls = [1, 2, 3].map((n) => `${upstream}/?n=${n}`);
  return [
    { path: "/users", status: 201, body: () => newUser("example.com"), mostOverBare: 1.5 },
    { path: "/users", what: "new domain", status: 201, body: () => newUser(newDomain()) },
    {
      path: "/tasks",
      status: 201,
      body: JSON.stringify({ title: "Call back" }),
      mostOverBare: 1.5,
    },
    { path: "/external-api", status: 200, body: JSON.stringify({ urls }) },
    {
      path: "/batch-process",
      status: 202,
      body: JSON.stringify({ operation: "uppercase", items }),
      mostOverBare: 1,
      warmUp: WARM_UP_BATCHES,
    },
  ];
}

let users = 0;

function newUser(domain: string): string {
  users += 1;
  return JSON.stringify({ name: "Ada", email: `person-${users}@${domain}` });
}

/** A domain that nobody asked DNS about before. */
function newDomain(): string {
  return `d${users}.example.com`;
}

/** Server CPU per request, and our share over each peer. */
export const posts: Scenario = {
  name: "posts",
  title: "Server CPU of the other POSTs",
  async run(effort: Effort): Promise<Report> {
    const outside = await openOutside();
    try {
      const rows: string[][] = [];
      const targets: Target[] = [];
      const samples: Record<string, number[]> = {};
      for (const endpoint of endpoints(outside)) {
        const peers = await measure(endpoint, outside, effort);
        const label =
          endpoint.what === undefined ? endpoint.path : `${endpoint.path}, ${endpoint.what}`;
        for (const { name, cpuUs } of peers) samples[`${label} ${name}`] = cpuUs;
        rows.push(toRow(label, peers));
        targets.push(...toTargets(endpoint, peers));
      }
      return { head: headOf(effort), rows, targets, notes: NOTES, samples };
    } finally {
      outside.close();
    }
  },
};

/** Of what it costs in version 0.1, which `--against` is meant for. */
const MOST_OF_OTHER = 1 / 3;

function headOf({ against }: Effort): string[] {
  const others = ["bare", "hono", ...(against === null ? [] : ["other"])];
  const cpu = [...others, "serentak"].map((name) => `${name} µs`);
  return ["POST", ...cpu, "quartiles", ...others.map((name) => `÷ ${name}`)];
}

const NOTES = [
  "`bare` does the same work and no more: `/users` asks DNS each time (we ask once for as long as the answer holds), keeps the record as a row of one object and puts it into KV in `waitUntil`; `/tasks` likewise, without DNS; `/external-api` makes three calls; `/batch-process` stores 100 texts in an object of their own and transforms them in `waitUntil` (we keep so few, transformed, in a row of the register). It checks nothing, retries nothing, and forgets what a crash cuts off.",
  "`hono` validates with valibot, writes one KV key and has no objects: nothing is unique, nothing survives its process.",
  "Rate limit and daily budgets are off: callers with a token meet neither, and no peer has them.",
  "`other`: the version that `--against` names.",
  "SQLite's work for the objects is in the figures, and most of them where there are objects; KV and upstreams are in none.",
];

async function measure(
  { path, status, body, warmUp = WARM_UP_REQUESTS }: Endpoint,
  outside: Outside,
  effort: Effort,
): Promise<PeerSamples[]> {
  const shot: Shot = {
    method: "POST",
    path,
    headers: { "Content-Type": "application/json", Origin: ORIGIN },
    body,
  };
  const { against } = effort;
  const other = against === null ? [] : [otherVersion(against)];
  const peers = [peerOf("bare-posts"), peerOf("hono"), ...other, SERENTAK];
  return measureCpu(
    { peers, outside, shot, status },
    {
      ...effort,
      rounds: Math.ceil(effort.rounds * SHARE_OF_EFFORT),
      requests: REQUESTS,
      warmUp,
    },
  );
}

function toRow(path: string, peers: readonly PeerSamples[]): string[] {
  const medians = peers.map(({ cpuUs }) => median(cpuUs).toFixed(0));
  const ours = peers.at(-1)?.cpuUs ?? [];
  const quartiles = [0.25, 0.75].map((share) => quantile(ours, share).toFixed(0)).join("–");
  const ratios = peers.slice(0, -1).map(({ cpuUs }) => pairedRatio(ours, cpuUs).toFixed(2));
  return [path, ...medians, quartiles, ...ratios];
}

function toTargets({ path, mostOverBare }: Endpoint, peers: readonly PeerSamples[]): Target[] {
  if (mostOverBare === undefined) return [];
  const ours = peers.at(-1)?.cpuUs ?? [];
  const [bare, , ...others] = peers.slice(0, -1);
  const toTarget = (peer: PeerSamples, atMost: number): Target => ({
    what: `POST ${path} ÷ ${peer.name}`,
    measured: pairedRatio(ours, peer.cpuUs),
    atMost,
  });
  return [
    ...(bare === undefined ? [] : [toTarget(bare, mostOverBare)]),
    ...others.map((other) => toTarget(other, MOST_OF_OTHER)),
  ];
}
