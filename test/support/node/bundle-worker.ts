// Bundles the Worker into dist/e2e as it is deployed, once for all servers of a run, since they start by the dozen.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import type { TestProject } from "vitest/node";
import { unstable_getMiniflareWorkerOptions as readOptions } from "wrangler";

function bundle(): void {
  execFileSync(process.execPath, ["scripts/bundle.mjs", "dist/e2e"]);
  // The rules are for whoever bundles.
  const { modulesRules: _, ...options } = readOptions("wrangler.toml").workerOptions;
  const worker = { ...options, name: "serentak", modules: true, scriptPath: "dist/e2e/worker.js" };
  writeFileSync("dist/e2e/options.json", JSON.stringify(worker));
}

/** Bundles before the first test, and in `vitest watch` before each run. */
export default function setup(project: TestProject): void {
  bundle();
  project.onTestsRerun(() => {
    bundle();
    return Promise.resolve();
  });
}
