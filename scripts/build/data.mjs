// Builds what the Worker itself reads into data/: src/reference/data.ts says what that is, and is run here.
import { build as bundle } from "esbuild";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * Writes the files into `outDir`.
 *
 * @param {string} outDir
 * @returns {Promise<{headers: string}>} nothing for the `_headers` file: only the Worker reads them
 */
export async function build(outDir) {
  const { outputFiles } = await bundle({
    entryPoints: ["src/reference/data.ts"],
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "node18",
    write: false,
    logLevel: "warning",
  });
  const script = Buffer.from(outputFiles[0].contents).toString("base64");
  const { createData } = await import(`data:text/javascript;base64,${script}`);
  for (const [name, text] of Object.entries(createData())) {
    const path = join(outDir, "data", name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return { headers: "" };
}
