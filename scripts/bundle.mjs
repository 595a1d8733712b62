// `node scripts/bundle.mjs FOLDER` bundles the Worker into FOLDER/worker.js, as it is deployed. wrangler's own
// bundle behaves the same, and is what `npm start` runs; but its isolates start slower.
import { build, transform } from "esbuild";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { minifySync } from "rolldown/utils";
import { plainTexts, slim } from "./slim.mjs";

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("Name the folder to write to");

const target = "es2024";
// As wrangler does it, but without short names yet: with them, esbuild wraps a module that is loaded by
// `import()` into an arrow function, which V8 parses whole at the start; without, into a method, which it
// only skims until it is called.
const { outputFiles } = await build({
  entryPoints: ["src/worker.ts"],
  bundle: true,
  write: false,
  format: "esm",
  target,
  conditions: ["workerd", "worker", "browser"],
  // What the runtime brings.
  external: ["cloudflare:*", "node:*"],
  minifySyntax: true,
  minifyWhitespace: true,
  logLevel: "warning",
});
const bundled = slim(outputFiles[0].text);
const { code: short } = await transform(bundled, { minify: true, format: "esm", target });
// Another minifier knows two per cent more.
const { code, errors } = minifySync("worker.js", short, { module: true });
if (errors.length > 0) throw new Error(JSON.stringify(errors));

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "worker.js"), plainTexts(code));
