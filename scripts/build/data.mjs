// Builds what the Worker itself reads into data/: src/reference/data.ts says what that is, and is run here.
import { build as bundle } from "esbuild";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

/**
 * Writes the files into `outDir`.
 *
 * @param {string} outDir
 * @returns {Promise<{headers: string}>} nothing for the `_headers` file: only the Worker reads them
 */
export async function build(outDir) {
  for (const [name, text] of Object.entries(await createData())) {
    const path = join(outDir, "data", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return { headers: "" };
}

/** A throw in here has the place in the source in its stack: the bundle is a file with a source map. */
async function createData() {
  // Of its own name: two servers may be started at once.
  const outfile = join("dist", `data.${process.pid}.mjs`);
  process.setSourceMapsEnabled(true);
  try {
    await bundle({
      entryPoints: ["src/reference/data.ts"],
      outfile,
      bundle: true,
      format: "esm",
      platform: "neutral",
      external: ["node:*"],
      mainFields: ["module", "main"],
      target: "node18",
      sourcemap: "inline",
      sourcesContent: false,
      logLevel: "warning",
    });
    const data = await import(pathToFileURL(outfile).href);
    return data.createData();
  } finally {
    rmSync(outfile, { force: true });
  }
}
