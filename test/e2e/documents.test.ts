// Every command of README.md and docs/operate.md, run as it stands there against `npm start`. What needs an
// account is checked against wrangler's help: the command has to exist, with these flags.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, it } from "vitest";

import { startSerentak, type Serentak } from "../support/node/serentak";

const REPOSITORY = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Stands in for the two programs that would install, serve or deploy: what they are asked for is known to
 * exist, and the rest is run. `serentak` and `wrangler` are this checkout's own.
 */
const PRELUDE = `
set -euo pipefail
npm() {
  case "$1" in
    ci|start|test) grep -q "\\"\${1/ci/test}\\":" "$REPOSITORY/package.json" ;;
    run) case "$2" in
      smoke) shift 3; node "$REPOSITORY/scripts/smoke.mjs" "$@" --call "$URL/health" ;;
      *) grep -q "\\"$2\\":" "$REPOSITORY/package.json" ;;
    esac ;;
    *) echo "npm $1 is not known here" >&2; return 1 ;;
  esac
}
npx() {
  case "$1" in
    serentak) shift; node "$REPOSITORY/bin/serentak.mjs" "$@" ;;
    wrangler) shift; asked "$@" ;;
    *) echo "npx $1 is not known here" >&2; return 1 ;;
  esac
}
asked() {
  local words=() flag help
  for word in "$@"; do case "$word" in -*) break ;; *) words+=("$word") ;; esac; done
  # The last word may be a name of the reader's own, such as a secret's.
  help=$(cat ".help-\${words[*]}" 2>&1) || {
    help=$("$REPOSITORY/node_modules/.bin/wrangler" "\${words[@]}" --help 2>&1)
    echo "$help" > ".help-\${words[*]}"
  }
  for flag in "$@"; do case "$flag" in
    --*) grep -qe "\${flag%%=*}" <<<"$help" || { echo "wrangler: no $flag" >&2; return 1; } ;;
  esac; done
}
export() { :; }
`;

let serentak: Serentak;
let folder: string;
beforeAll(async () => {
  const ops = { type: "webhook", url: "http://127.0.0.1:9/", secret: "${OPS_SECRET}" };
  serentak = await startSerentak({
    CHANNELS: JSON.stringify({ ops }),
    OPS_SECRET: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  });
  folder = await mkdtemp(join(tmpdir(), "serentak-documents-"));
  // There is something to back up.
  await create("/users", { name: "Ada", email: "ada@gmail.com" });
  await create("/tasks", { title: "Water the plants", reply_to: "sari@gmail.com" });
});
afterAll(async () => {
  await serentak.stop();
  await rm(folder, { recursive: true });
});

async function create(path: string, record: object): Promise<void> {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify(record);
  await fetch(serentak.origin + path, { method: "POST", headers, body });
}

/** The blocks of commands, and those that stand within a sentence. */
async function blocksOf(name: string): Promise<string[]> {
  const markdown = await readFile(join(REPOSITORY, name), "utf8");
  const blocks = markdown.matchAll(/^```sh\n(.*?)^```$/gms);
  const inSentences = markdown.matchAll(/(?<!`)`((?:npm|npx|curl) [^`]*)`/g);
  return Array.from([...blocks, ...inSentences], ([, block = ""]) => block);
}

async function run(script: string, variables: Readonly<Record<string, string>> = {}) {
  const child = spawn("bash", ["-c", PRELUDE + script], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      REPOSITORY,
      URL: serentak.origin,
      TOKEN: "dev",
      ID: "01935a1e-8f2b-7c3d-9e4f-5a6b7c8d9e0f",
      SERENTAK_URL: serentak.origin,
      ...variables,
    },
  });
  const code = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [exit, out, err] = await Promise.all([code, text(child.stdout), text(child.stderr)]);
  return { exit, out, err };
}

it("The client is as light as README.md says", async ({ expect }) => {
  const told = /weighs under (\d+) KB gzipped/.exec(
    await readFile(join(REPOSITORY, "README.md"), "utf8"),
  );
  const client = await fetch(`${serentak.origin}/client.js`);
  const { length } = gzipSync(await client.bytes(), { level: 9 });
  expect(length).toBeLessThan(Number(told?.[1]) * 1024);
});

it("docs/operations.md has every operation, in its family", async ({ expect }) => {
  const markdown = await readFile(join(REPOSITORY, "docs/operations.md"), "utf8");
  const rows = markdown.matchAll(/^\| (\w+) \| .* \| `(.*)` \|$/gm);
  const told = Array.from(rows, ([, family, names = ""]) =>
    names.split(" ").map((name) => `${family} ${name}`),
  );
  const csv = await fetch(`${serentak.origin}/process-data`, { headers: { Accept: "text/csv" } });
  const served = (await csv.text()).matchAll(/^\uFEFF?(\w+),\w+,(\w+),/gm);
  const known = Array.from(served, ([, name, family]) => `${family} ${name}`);
  expect(told.flat().toSorted()).toEqual(known.slice(1).toSorted());
});

describe.for([
  ["README.md", {}],
  ["docs/operate.md", { SERENTAK_TOKEN: "dev" }],
] as const)("the commands of %s", ([name, variables]) => {
  it("do what they say", async ({ expect }) => {
    const blocks = await blocksOf(name);
    expect(blocks.length).toBeGreaterThan(3);
    for (const block of blocks) {
      const here = block.replaceAll(/(?:http:\/\/)?localhost:8787/g, serentak.origin);
      const { exit, out, err } = await run(here, variables);
      expect(exit, `${block}\n${out}\n${err}`).toBe(0);
      // curl ends well whatever it is told. A record that is not there is no fault of the command.
      expect(out, block).not.toMatch(/"code": ?"(?!not-found)[a-z-]+","request_id"/);
    }
  });
});

it("the smoke test leaves nothing behind", async ({ expect }) => {
  const { exit, out } = await run(`npm run smoke -- "$URL"`, {
    SERENTAK_TOKEN: "dev",
  });
  expect([exit, out]).toEqual([0, expect.stringContaining("✓ what this made is removed")]);

  const headers = { Authorization: "Bearer dev" };
  for (const path of ["users", "tasks"]) {
    const list = await fetch(`${serentak.origin}/${path}?q=smoke`, { headers });
    expect(await list.json()).toEqual({ [path]: [], next_cursor: null });
  }
});

it("the example of secrets names the one that everybody needs, and opens nothing", async ({
  expect,
}) => {
  // Cloudflare's deploy button asks for each, and deploys the value that stands here where none is given.
  const example = await readFile(join(REPOSITORY, ".dev.vars.example"), "utf8");
  const set = example.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  expect(set).toEqual(['API_TOKENS=""']);
});
