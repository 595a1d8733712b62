// `node scripts/bundle.mjs FOLDER` bundles the Worker into FOLDER/worker.js, as it is deployed. wrangler's own
// bundle behaves the same, and is what `npm start` runs; but its isolates start slower.
import { build, transform } from "esbuild";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { minifySync } from "rolldown/utils";

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
// The wrappers name their modules, which nobody reads; descriptions and metadata of schemas, summaries and examples of
// operations are for the documentation alone, which is made from the sources.
const bundled = withoutExamples(outputFiles[0].text)
  .replaceAll(/(?<=__(?:esm|commonJS)\(\{)"[^"]+"/g, "_")
  .replaceAll(/,description\((?:"(?:[^"\\]|\\.)*"|`(?:[^`\\$]|\\.|\$\{\w+\})*`)\)/g, "")
  .replaceAll(/,metadata\(\{[^()]*\}\)/g, "")
  .replaceAll(/(?<=\{name:"\w+",)summary:"(?:[^"\\]|\\.)*",/g, "");
const { code: short } = await transform(bundled, { minify: true, format: "esm", target });
// Another minifier knows two per cent more. It writes characters beyond ASCII as they are, of which a single one would
// double what the engine keeps of the script.
const { code: shorter, errors } = minifySync("worker.js", short, { module: true });
if (errors.length > 0) throw new Error(JSON.stringify(errors));
const code = shorter.replaceAll(
  /[^\0-\x7f]/g,
  (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
);

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, "worker.js"), code);

/** Takes the inputs and outputs out of the examples of operations; their parameters are told to callers. */
function withoutExamples(text) {
  const tokens = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`|[{}[\]]|[^"'`{}[\]]+/g;
  const [before, ...others] = text.split(/(?<=[{,]example:\{)/);
  const told = others.map((other) => {
    let [depth, from] = [0, 0];
    for (const { 0: token, index } of other.matchAll(tokens)) {
      if (depth === 0 && token === "}") return other.slice(0, from) + other.slice(index);
      if (depth === 0 && /^,?input:$/.test(token)) from = index;
      if (/^[{[]$/.test(token)) depth += 1;
      if (/^[}\]]$/.test(token)) depth -= 1;
    }
    return other;
  });
  return before + told.join("");
}
