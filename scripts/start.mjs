// `npm start -- …`: `wrangler dev` with the flags given. Once it serves, one line says where the console
// is. Whenever the source changes, what the build derives from it is made anew, as wrangler only bundles
// the Worker: a new operation is in the catalogue and in the documents without a restart.
import { watch } from "chokidar";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { parseArgs } from "node:util";

const SOURCE = "src";
/** Editors write a file in steps, and version control many files. */
const SETTLE_MS = 100;
/** Answered by wrangler in the Worker's place, which would write a line of log. */
const PROBE = "/cdn-cgi/local/explorer";

const flags = process.argv.slice(2);
let wrangler;
let hasServed = false;
let isStopping = false;
serve();
rebuildOnChange();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    isStopping = true;
    if (wrangler === undefined) process.exit();
    wrangler.kill(signal);
  });
}

function serve() {
  // On the same terminal, so that wrangler's keys work; it reports on a channel beside.
  wrangler = spawn("wrangler", ["dev", ...flags], {
    // A trace of each query and each write to KV, kept on disk, would take as much time as the work itself.
    env: { X_LOCAL_OBSERVABILITY: "false", ...process.env },
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  wrangler.on("message", (message) => {
    const { event, ip, port } = JSON.parse(message);
    if (event === "DEV_SERVER_READY") void printAddress(`${ip}:${port}`);
  });
  wrangler.on("exit", (code) => {
    wrangler = undefined;
    // It ends when the Worker throws while it is loaded. Started at once it would do so again.
    if (isStopping || code === 0 || !hasServed) process.exit(code ?? 1);
    console.error(`Starts again when ${SOURCE}/ changes and builds.`);
  });
}

/** Prints the console's address as the last line of the start. The request to it waits, since wrangler holds requests back until the Worker runs. */
async function printAddress(host) {
  const { values } = parseArgs({
    args: flags,
    strict: false,
    options: {
      var: { type: "string", multiple: true, default: [] },
      "local-protocol": { type: "string", default: "http" },
    },
  });
  const protocol = values["local-protocol"];
  const origin = `${protocol}://${host}`;
  try {
    // The certificate of https is of wrangler's own making: there the line may come before wrangler's last.
    if (protocol === "http") await fetch(origin + PROBE, { method: "HEAD" });
  } catch {
    return; // it has ended meanwhile
  }
  hasServed = true;
  console.log(`Console: ${origin} (token: ${firstToken(values.var)})`);
}

/** Of a variable that is given twice the last counts, as for wrangler; of a token its name does not. */
function firstToken(variables) {
  const given = variables.findLast((text) => text.startsWith("API_TOKENS:")) ?? "";
  const [entry] = given.slice("API_TOKENS:".length).split(",");
  return entry.split(":").at(-1).trim() || "none";
}

function rebuildOnChange() {
  let settling;
  let building = Promise.resolve();
  watch(SOURCE, { ignoreInitial: true }).on("all", () => {
    clearTimeout(settling);
    settling = setTimeout(() => {
      building = building.then(build);
    }, SETTLE_MS);
  });
}

/** In a process of its own, which loads the source anew; a mistake in it ends no more than that process. */
async function build() {
  const [code] = await once(
    spawn(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" }),
    "exit",
  );
  if (code === 0 && wrangler === undefined) serve();
}
