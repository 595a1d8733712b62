// Measures the server CPU of three calls against a Worker that only makes them, and against one that has time
// limits, redirects, bounded reads and receipts, all written by hand.
import { measureCpu, type PeerSamples } from "../lib/cpu-rounds.ts";
import type { Shot } from "../lib/load.ts";
import { openOutside } from "../lib/outside.ts";
import { ORIGIN, otherVersion, peerOf, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario, Target } from "../lib/scenario.ts";
import { median, pairedRatio, quantile } from "../lib/statistics.ts";

const WARM_UP_REQUESTS = 1000;
const SHARE_OF_EFFORT = 0.4;
const REQUESTS = 50;
const CALLS = 3;

/** Factors by which three calls may cost more than those of a peer. */
const AT_MOST: Readonly<Record<string, number>> = { "bare-posts": 1.75, "by-hand": 1.2 };

/** Server CPU per request, and our share over each peer. */
export const calls: Scenario = {
  name: "calls",
  title: "Server CPU of POST /external-api, three calls",
  async run(effort: Effort): Promise<Report> {
    const outside = await openOutside();
    try {
      const urls = Array.from({ length: CALLS }, (_, n) => `${outside.upstream}/?n=${n}`);
      const headers = { "Content-Type": "application/json", Origin: ORIGIN };
      const body = JSON.stringify({ urls });
      const shot: Shot = { method: "POST", path: "/external-api", headers, body };
      const others = effort.against === null ? [] : [otherVersion(effort.against)];
      const peers = [peerOf("bare-posts"), peerOf("by-hand"), ...others, SERENTAK];
      const measured = await measureCpu(
        { peers, outside, shot, status: 200 },
        {
          ...effort,
          rounds: Math.ceil(effort.rounds * SHARE_OF_EFFORT),
          requests: REQUESTS,
          warmUp: WARM_UP_REQUESTS,
        },
      );
      return toReport(measured);
    } finally {
      outside.close();
    }
  },
};

function toReport(measured: readonly PeerSamples[]): Report {
  const ours = measured.at(-1)?.cpuUs ?? [];
  const ratioTo = ({ cpuUs }: PeerSamples): number => pairedRatio(ours, cpuUs);
  return {
    head: ["Worker", "µs/request", "quartiles", "Serentak ÷ it"],
    rows: measured.map((peer) => [
      peer.name,
      median(peer.cpuUs).toFixed(0),
      [0.25, 0.75].map((share) => quantile(peer.cpuUs, share).toFixed(0)).join("–"),
      ratioTo(peer).toFixed(2),
    ]),
    targets: measured.flatMap((peer): Target[] => {
      const atMost = AT_MOST[peer.name];
      const what = `three calls ÷ ${peer.name}`;
      return atMost === undefined ? [] : [{ what, atMost, measured: ratioTo(peer) }];
    }),
    notes: [
      "`bare-posts` fetches and answers, no more. `by-hand` adds a time limit for each call, redirects, a bound for each body, and receipts; it has no retries, host policy, cache or headers of its own.",
    ],
    samples: Object.fromEntries(measured.map(({ name, cpuUs }) => [name, cpuUs])),
  };
}
