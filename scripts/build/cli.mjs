// Builds the command line into dist/cli.mjs, one file for any Node since 20. It is not served.
import { build as bundle } from "esbuild";
import { renameSync } from "node:fs";
import process from "node:process";

const OUT = "dist/cli.mjs";

/**
 * Writes the command line to its place, which is not in the folder of the served files.
 *
 * @returns {Promise<{headers: string}>} nothing for the `_headers` file
 */
export async function build() {
  // Of its own name: two servers may be started at once.
  const fresh = `${OUT}.${process.pid}`;
  await bundle({
    entryPoints: ["src/cli/main.ts"],
    outfile: fresh,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    logLevel: "warning",
  });
  renameSync(fresh, OUT);
  return { headers: "" };
}
