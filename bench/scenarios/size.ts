// The bytes of what a deployment uploads.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { bundleWorker } from "../lib/bundle.ts";
import { peerOf, SERENTAK } from "../lib/peers.ts";
import type { Report, Scenario } from "../lib/scenario.ts";

const KIBIBYTE = 1024;
const PEERS = [peerOf("bare"), peerOf("hono"), SERENTAK];
const PACKAGE = resolve(import.meta.dirname, "../../package.json");

/** Bytes of the scripts. */
export const size: Scenario = {
  name: "size",
  title: "Bundle",
  async run(): Promise<Report> {
    const sizes = PEERS.map((peer) => {
      const script = readFileSync(bundleWorker(peer).script);
      return {
        name: peer.name,
        kib: script.length / KIBIBYTE,
        gzipKib: gzipSync(script).length / KIBIBYTE,
      };
    });
    const ours = sizes.find(({ name }) => name === SERENTAK.name)?.gzipKib ?? Number.NaN;
    return {
      head: ["Worker", "KiB", "KiB gzip"],
      rows: sizes.map(({ name, kib, gzipKib }) => [name, kib.toFixed(1), gzipKib.toFixed(1)]),
      targets: [{ what: "KiB gzip", atMost: maxGzipKib(), measured: ours }],
      notes: ["Tables and documents that are seldom needed are static assets, read when they are."],
      samples: Object.fromEntries(sizes.map(({ name, gzipKib }) => [name, [gzipKib]])),
    };
  },
};

/** The ceiling that `npm run size` holds a deployment to. */
function maxGzipKib(): number {
  const { budget }: { budget: { gzipBytes: number } } = JSON.parse(readFileSync(PACKAGE, "utf8"));
  return budget.gzipBytes / KIBIBYTE;
}
