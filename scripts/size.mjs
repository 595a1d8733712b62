// Measures by a dry run what a deployment would upload, and compares it with the budget in package.json.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";

const OUT = "dist/size";
const { budget } = JSON.parse(readFileSync("package.json", "utf8"));

rmSync(OUT, { recursive: true, force: true });
const args = ["deploy", "--dry-run", "--minify", "--outdir", OUT];
const { status } = spawnSync("wrangler", args, { stdio: ["ignore", "ignore", "inherit"] });
if (status !== 0) process.exit(status ?? 1);

const scripts = readdirSync(OUT).filter((name) => name.endsWith(".js"));
const bytes = scripts.reduce(
  (sum, name) => sum + gzipSync(readFileSync(`${OUT}/${name}`)).length,
  0,
);
console.log(`Worker: ${bytes} bytes gzip, budget ${budget.gzipBytes}`);

// One character that needs two bytes makes the engine keep, and scan at every start, all of it so.
const isNarrow = scripts.every((name) =>
  /^[\0-\x7f]*$/.test(readFileSync(`${OUT}/${name}`, "utf8")),
);
if (!isNarrow) console.error("The script has a character beyond ASCII: write it as \\u….");
process.exit(bytes > budget.gzipBytes || !isNarrow ? 1 : 0);
