// Bundles a Worker exactly as a deployment would, so that what is measured is what would run.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import {
  unstable_readConfig as readConfig,
  type Unstable_Config as WranglerConfig,
} from "wrangler";
import type { Peer } from "./peers.ts";

const REPOSITORY = resolve(import.meta.dirname, "../..");
const WRANGLER = resolve(REPOSITORY, "node_modules/.bin/wrangler");

/** A deployable script and the configuration that belongs to it. */
export interface Bundle {
  /** Absolute path of the one module, minified. */
  readonly script: string;
  /** Absolute path of its static files; of the product's where it has none. */
  readonly assets: string;
  readonly config: WranglerConfig;
}

const bundles = new Map<string, Bundle>();

/**
 * The bundle of a Worker, left in `dist/bench/<name>`. Made once a run.
 *
 * @throws Error with wrangler's output where it refuses
 */
export function bundleWorker(peer: Peer): Bundle {
  const bundle = bundles.get(peer.name) ?? bundleAnew(peer);
  bundles.set(peer.name, bundle);
  return bundle;
}

function bundleAnew({ name, ...peer }: Peer): Bundle {
  const folder = resolve(REPOSITORY, peer.folder);
  const path = resolve(folder, "wrangler.toml");
  const out = resolve(REPOSITORY, "dist/bench", name);
  rmSync(out, { recursive: true, force: true });
  // A version that has no bundler of its own is deployed by wrangler's.
  const own = resolve(folder, "scripts/bundle.mjs");
  const [command, args] = existsSync(own)
    ? [process.execPath, [own, out]]
    : [WRANGLER, ["deploy", "--dry-run", "--minify", "--config", path, "--outdir", out]];
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: "utf8" });
  if (status !== 0) throw new Error(`Cannot bundle ${name}:\n${stdout}${stderr}`);
  const config = readConfig({ config: path });
  const assets =
    config.assets?.directory === undefined
      ? resolve(REPOSITORY, "dist/public")
      : resolve(folder, config.assets.directory);
  return { script: resolve(out, "worker.js"), assets, config };
}
