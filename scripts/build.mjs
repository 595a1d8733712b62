// Builds what people touch into dist/public: the console, the API reference and the browser client.
// Each file in scripts/build/ is a part that exports `build(outDir)`: it writes its files there and
// returns `{ headers }`, its share of the `_headers` file. Parts are built in a folder of their own and
// files that changed are then renamed into place, so that a running server never sees half of one.
// A mistake ends it with status 1, after its cause: message, file and line, and nothing of the build itself.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { writeRateLimit } from "./rate-limit.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const out = join(root, "dist/public");
const parts = join(root, "scripts/build");

process.chdir(root);
mkdirSync(out, { recursive: true });
const staging = mkdtempSync(join(root, "dist/build-"));
try {
  // Before the parts: the documents tell it.
  writeRateLimit(join(root, "dist"));
  await buildParts();
  publish();
} catch (error) {
  report(error);
  process.exitCode = 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}

async function buildParts() {
  const headers = [];
  for (const name of readdirSync(parts).sort()) {
    if (!name.endsWith(".mjs")) continue;
    const { build } = await import(pathToFileURL(join(parts, name)).href);
    headers.push((await build(staging)).headers.trim());
  }
  writeFileSync(join(staging, "_headers"), `${headers.filter(Boolean).join("\n\n")}\n`);
}

/** Moves what changed into place, and removes what no part makes any more. */
function publish() {
  const made = new Set(filesIn(staging));
  for (const name of made) {
    const [from, to] = [join(staging, name), join(out, name)];
    if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) continue;
    mkdirSync(dirname(to), { recursive: true });
    renameSync(from, to);
  }
  for (const name of filesIn(out)) if (!made.has(name)) rmSync(join(out, name), { force: true });
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/**
 * Reports a failed build. esbuild prints its own errors; of anything thrown, only the places in our source
 * are printed.
 */
function report(error) {
  if (Array.isArray(error?.errors)) return;
  const stack = String(error?.stack ?? error);
  const [message] = stack.split(/\n {4}at /, 1);
  const places = stack.split("\n").filter((line) => line.includes(`${root}/src/`));
  console.error(
    places.length > 0 ? [message, ...places].join("\n").replaceAll(`${root}/`, "") : stack,
  );
}
