// Measures POST /process-data over the longest list, three steps for each text, against the same promises
// written by hand: one loop, without groups, meters and turns for others.
import { measureCpu } from "../lib/cpu-rounds.ts";
import { openOutside } from "../lib/outside.ts";
import { ORIGIN, peerOf, SERENTAK } from "../lib/peers.ts";
import type { Effort, Report, Scenario } from "../lib/scenario.ts";
import { median, pairedRatio, quantile } from "../lib/statistics.ts";

const ITEMS = 10_000;
/** A request takes a hundred times as long as one of three texts. */
const REQUESTS = 2;
const WARM_UP_REQUESTS = 60;

const SHOT = {
  method: "POST",
  path: "/process-data",
  headers: { "Content-Type": "application/json", Origin: ORIGIN },
  body: JSON.stringify({
    items: Array.from({ length: ITEMS }, (_, n) => `  Item Number ${n}  `),
    operation: ["trim", "lowercase", "uppercase"],
  }),
};

/** Server CPU per request, and our share over the loop. */
export const pipeline: Scenario = {
  name: "pipeline",
  title: "Server CPU of POST /process-data, 10,000 texts through three steps",
  async run(effort: Effort): Promise<Report> {
    const outside = await openOutside();
    const peers = [peerOf("plain"), SERENTAK];
    const all = await measureCpu(
      { peers, outside, shot: SHOT, status: 200 },
      { ...effort, requests: REQUESTS, warmUp: WARM_UP_REQUESTS },
    ).finally(() => outside.close());
    const base = all[0]?.cpuUs ?? [];
    const ours = all.at(-1)?.cpuUs ?? [];
    return {
      head: ["Worker", "CPU ms/request", "quartiles", "÷ plain"],
      rows: all.map(({ name, cpuUs }) => {
        const [low, high] = [0.25, 0.75].map((share) => (quantile(cpuUs, share) / 1000).toFixed(1));
        const ratio = pairedRatio(cpuUs, base).toFixed(2);
        return [name, (median(cpuUs) / 1000).toFixed(1), `${low}–${high}`, ratio];
      }),
      targets: [{ what: "serentak ÷ plain", atMost: 1.2, measured: pairedRatio(ours, base) }],
      samples: Object.fromEntries(all.map(({ name, cpuUs }) => [name, cpuUs])),
    };
  },
};
