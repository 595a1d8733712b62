// Bundles a Worker exactly as a deployment would, so that what is measured is what would run.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { resolve } from "node:path";

const REPOSITORY = resolve(import.meta.dirname, "../..");

/** A deployable script and the runtime settings that belong to it. */
export interface Bundle {
  /** Absolute path of the one module, minified. */
  readonly script: string;
  readonly compatibilityDate: string;
  readonly compatibilityFlags: readonly string[];
}

const bundles = new Map<string, Bundle>();

/**
 * The bundle of the Worker whose `wrangler.toml` lies in `folder` (relative to the repository),
 * left in `dist/bench/<name>`. Made once a run.
 *
 * @throws Error with wrangler's output where it refuses
 */
export function bundleWorker(name: string, folder: string): Bundle {
  const bundle = bundles.get(name) ?? bundleAnew(name, folder);
  bundles.set(name, bundle);
  return bundle;
}

function bundleAnew(name: string, folder: string): Bundle {
  const config = resolve(REPOSITORY, folder, "wrangler.toml");
  const out = resolve(REPOSITORY, "dist/bench", name);
  rmSync(out, { recursive: true, force: true });
  const wrangler = resolve(REPOSITORY, "node_modules/.bin/wrangler");
  const args = ["deploy", "--dry-run", "--minify", "--config", config, "--outdir", out];
  const { status, stdout, stderr } = spawnSync(wrangler, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot bundle ${name}:\n${stdout}${stderr}`);
  return { script: resolve(out, "worker.js"), ...readRuntimeSettings(config) };
}

/** The two settings that the runtime needs, by their TOML lines: a parser would be a dependency. */
function readRuntimeSettings(config: string): Omit<Bundle, "script"> {
  const toml = readFileSync(config, "utf8");
  const date = /^compatibility_date = "(.+)"$/m.exec(toml)?.[1];
  if (date === undefined) throw new Error(`Cannot find compatibility_date in ${config}`);
  const flags = /^compatibility_flags = \[(.*)\]$/m.exec(toml)?.[1] ?? "";
  return {
    compatibilityDate: date,
    compatibilityFlags: [...flags.matchAll(/"([^"]+)"/g)].map(([, flag = ""]) => flag),
  };
}
