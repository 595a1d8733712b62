// Measures the overhead of POST /process-data with three short texts: against a Worker that only does the
// work, against the same promises written by hand (which shows the cost of router, schemas and layers), and
// against the same promises kept with Hono and valibot.
import { measureCpu, type PeerSamples } from "../lib/cpu-rounds.ts";
import type { Shot } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { ORIGIN, peerOf, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { median, pairedRatio, quantile } from "../lib/statistics.ts";

const WARM_UP_REQUESTS = 6000;

const PEERS = [...["bare", "plain", "hono"].map(peerOf), SERENTAK];

const SHOT: Shot = {
  method: "POST",
  path: "/process-data",
  headers: { "Content-Type": "application/json", Origin: ORIGIN },
  body: JSON.stringify({ items: ["a", "b", "c"], operation: "uppercase" }),
};

/** Server CPU per request, and our share over each peer. */
export const processData: Scenario = {
  name: "process-data",
  title: "Server CPU of POST /process-data, three texts, called by a page",
  async run(effort: Effort): Promise<Report> {
    const outside = await openOutside();
    const all = await measureCpu(
      { peers: PEERS, outside, shot: SHOT, status: 200 },
      { ...effort, warmUp: WARM_UP_REQUESTS },
    ).finally(() => outside.close());
    requireSameWork(all);
    return {
      head: ["Worker", "CPU µs/request", "quartiles", "÷ bare", "÷ plain", "÷ hono"],
      rows: all.map((samples) => toRow(samples, all)),
      targets: [
        { what: "serentak ÷ plain", atMost: 1.06, measured: ratio(all, "serentak", "plain") },
        { what: "serentak ÷ hono", atMost: 1.01, measured: ratio(all, "serentak", "hono") },
      ],
      notes: ["plain", "hono"].map((base) => spreadNote(all, base, effort.starts)),
      samples: Object.fromEntries(all.map(({ name, cpuUs }) => [name, cpuUs])),
    };
  },
};

function samplesOf(peers: readonly PeerSamples[], name: string): readonly number[] {
  return peers.find((peer) => peer.name === name)?.cpuUs ?? [];
}

function ratio(peers: readonly PeerSamples[], name: string, base: string): number {
  return pairedRatio(samplesOf(peers, name), samplesOf(peers, base));
}

function toRow({ name, cpuUs }: PeerSamples, peers: readonly PeerSamples[]): string[] {
  const quartiles = [0.25, 0.75].map((share) => quantile(cpuUs, share).toFixed(1));
  const ratios = ["bare", "plain", "hono"].map((base) => ratio(peers, name, base).toFixed(2));
  return [name, median(cpuUs).toFixed(1), quartiles.join("–"), ...ratios];
}

/** The spread of single starts: a difference between two runs means nothing unless it is larger. */
function spreadNote(peers: readonly PeerSamples[], base: string, starts: number): string {
  const [ours, theirs] = [samplesOf(peers, "serentak"), samplesOf(peers, base)];
  const rounds = ours.length / starts;
  const ratios = Array.from({ length: starts }, (_, start) => {
    const [from, to] = [start * rounds, (start + 1) * rounds];
    return pairedRatio(ours.slice(from, to), theirs.slice(from, to));
  });
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((each) => each.toFixed(2));
  return `serentak ÷ ${base} by start (${starts}): ${least} to ${most}`;
}

/** Headers that a Worker answers with, whatever their values. */
function headerNames({ answer }: PeerSamples): string {
  return Object.keys(answer.headers).sort().join(", ");
}

/** The part of the reply that does not change from request to request. */
function resultOf({ answer }: PeerSamples): string {
  const { duration_ms: _, ...result }: Record<string, unknown> = JSON.parse(answer.body);
  return JSON.stringify(result);
}

/** @throws Error where the comparison would not be one: another reply, or other headers than ours. */
function requireSameWork(peers: readonly PeerSamples[]): void {
  const results = new Set(peers.map(resultOf));
  if (results.size > 1) throw new Error(`Replies differ: ${[...results].join(" ")}`);
  const names = new Set(peers.filter(({ name }) => name !== "bare").map(headerNames));
  if (names.size > 1) throw new Error(`Headers differ:\n${[...names].join("\n")}`);
}
