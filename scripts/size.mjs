// Measures what a deployment uploads, and compares it with the budget in package.json.
// Refuses what adds to the cost of a start without being seen: a wide character, a literal with Unicode classes, an error
// that is made.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { parseSync, Visitor } from "rolldown/utils";

const OUT = "dist/size";
/** Stands in for the runtime's own module. */
const PLATFORM =
  "data:text/javascript,export class DurableObject {} export class RpcTarget {} export class WorkerEntrypoint {}";
const { budget } = JSON.parse(readFileSync("package.json", "utf8"));

run("node", ["scripts/bundle.mjs", OUT]);
const file = resolve(OUT, "worker.js");
run("wrangler", ["deploy", file, "--no-bundle", "--dry-run", "--env="]);

const script = readFileSync(file, "utf8");
const bytes = gzipSync(script).length;
console.log(`Worker: ${bytes} bytes gzip, budget ${budget.gzipBytes}`);

// One character that needs two bytes makes the engine keep, and scan at every start, all of it so.
const isNarrow = /^[\0-\x7f]*$/.test(script);
if (!isNarrow) console.error("The script has a character beyond ASCII: write it as \\u….");

// The engine checks each literal as it parses the script, and makes the tables of such classes for that.
const costly = classLiteralsOf(script);
for (const raw of costly) console.error(`Made when the script is parsed, use lazyPattern: ${raw}`);

// To place the first error of an isolate, the engine parses the whole script once more.
const made = await errorsMadeBy(file);
for (const message of made) console.error(`An error is made when the script starts: ${message}`);
process.exit(bytes > budget.gzipBytes || !isNarrow || costly.length + made.length > 0 ? 1 : 0);

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: ["ignore", "ignore", "inherit"] });
  if (status !== 0) process.exit(status ?? 1);
}

/** The regular expression literals with classes such as `\p{L}`. */
function classLiteralsOf(text) {
  const found = [];
  const Literal = ({ regex, raw }) => {
    if (/\\p\{/i.test(regex?.pattern ?? "")) found.push(raw);
  };
  new Visitor({ Literal }).visit(parseSync("worker.js", text).program);
  return found;
}

/** Messages of the errors that are made while a module is evaluated. */
async function errorsMadeBy(path) {
  registerHooks({
    resolve: (name, context, next) =>
      name === "cloudflare:workers" ? { url: PLATFORM, shortCircuit: true } : next(name, context),
  });
  const messages = [];
  for (const name of ["Error", "TypeError", "RangeError", "SyntaxError"]) {
    globalThis[name] = new Proxy(globalThis[name], {
      construct(target, given, newTarget) {
        messages.push(String(given[0]));
        return Reflect.construct(target, given, newTarget);
      },
    });
  }
  await import(pathToFileURL(path).href);
  return messages;
}
