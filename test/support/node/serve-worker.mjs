// `node serve-worker.mjs PORT FOLDER VARS`: serves what bundle-worker.ts has left in dist/e2e, by miniflare alone. The
// folder takes all that it writes, VARS are variables as JSON.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";

const [port, folder, vars] = process.argv.slice(2);
const worker = JSON.parse(readFileSync("dist/e2e/options.json", "utf8"));
const miniflare = new Miniflare(
  convertV4MiniflareOptions({
    host: "127.0.0.1",
    port: Number(port),
    resourcePersistencePath: join(folder, "state"),
    resourceTmpPath: join(folder, "tmp"),
    workers: [{ ...worker, bindings: { ...worker.bindings, ...JSON.parse(vars) } }],
  }),
);
await miniflare.ready;
