// `npm run guards` writes the lint rules that the rooms stand for (guards/rooms.mjs) into .oxlintrc.json.
// With `--check` it fails unless they stand there, the linter refuses what it should, and nothing hides.
import { spawnSync } from "node:child_process";
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { isDeepStrictEqual } from "node:util";
import { expand, lintRules } from "./guards/lint-rules.mjs";
import { probes } from "./guards/probes.mjs";
import { exceptions, rooms } from "./guards/rooms.mjs";

const CONFIG = ".oxlintrc.json";
/** The rules that the rooms are made into. */
const GUARDS = /no-(?:restricted-\w+|named-export|default-export)/;
/** Imports that the linter cannot read, and comments that turn off a guard, or all rules. */
const HIDDEN =
  /\bimport\(\s*[^"\s]|lint-disable(?!-next-line [\w/-]+ -- )|lint-disable.*(restricted|export)/;

const current = JSON.parse(readFileSync(CONFIG, "utf8"));

if (process.argv.includes("--check")) {
  const faults = [
    ...staleRules(),
    ...circles(),
    ...hiddenCode(),
    ...wrongProbes(),
    ...idleExceptions(),
  ];
  for (const fault of faults) console.error(fault);
  process.exitCode = faults.length > 0 ? 1 : 0;
} else {
  writeFileSync(CONFIG, JSON.stringify(configWith(exceptions)));
  spawnSync("oxfmt", [CONFIG], { stdio: ["ignore", "ignore", "inherit"] });
}

/** The configuration with the rules of the rooms in place of those that it has. */
function configWith(excepted) {
  const byHand = current.overrides.filter(({ files }) => !files[0].startsWith("src/"));
  return { ...current, overrides: [...lintRules(excepted), ...byHand] };
}

function staleRules() {
  const isFresh = isDeepStrictEqual(current, configWith(exceptions));
  return isFresh ? [] : [`${CONFIG} differs from the rooms: npm run guards`];
}

/** Imports of a room that does not stand higher in the table. */
function circles() {
  const paths = rooms.map(({ path }) => path);
  return rooms.flatMap(({ path, imports }, at) =>
    expand(imports)
      .filter((name) => name !== path && paths.indexOf(name) > at)
      .map((name) => `${path} may import ${name}, which stands below it`),
  );
}

function hiddenCode() {
  const files = globSync("src/**/*.{ts,tsx}").filter((file) => file !== "src/env.d.ts");
  return files
    .filter((file) => HIDDEN.test(readFileSync(file, "utf8")))
    .map((file) => `${file} hides from the guards`);
}

/** Plants the probes in a tree of their own. */
function wrongProbes() {
  const planted = probes();
  const isRefused = lint(
    current,
    planted.map(({ file, refused, passed }) => [file, [...refused, ...passed].join("\n")]),
  );
  const loose = planted.flatMap(({ file, refused }) =>
    refused.flatMap((code, at) => (isRefused(file, at + 1) ? [] : [`${file}: ${code}`])),
  );
  const tight = planted.flatMap(({ file, refused, passed }) =>
    passed.flatMap((code, at) =>
      isRefused(file, refused.length + at + 1) ? [`${file}: ${code}`] : [],
    ),
  );
  const total = planted.reduce((sum, { refused }) => sum + refused.length, 0);
  console.log(`${total - loose.length} of ${total} probes refused`);
  return [
    ...loose.map((probe) => `Should be refused: ${probe}`),
    ...tight.map((probe) => `Should pass: ${probe}`),
  ];
}

function idleExceptions() {
  const files = exceptions.map(({ file }) => file);
  const there = files.filter((file) => existsSync(join("src", file)));
  if (there.length === 0) return files.map(toIdle);
  const isRefused = lint(
    configWith([]),
    there.map((file) => [file, readFileSync(join("src", file), "utf8")]),
  );
  return files.filter((file) => !isRefused(file)).map(toIdle);
}

function toIdle(file) {
  return `${file} needs no exception any more`;
}

/** Lints files below `src` by a configuration. Tells whether a guard refused one, or a line of it. */
function lint(config, files) {
  const root = mkdtempSync(join(tmpdir(), "guards-"));
  try {
    writeFileSync(join(root, CONFIG), JSON.stringify(config));
    for (const [file, text] of files) {
      mkdirSync(dirname(join(root, "src", file)), { recursive: true });
      writeFileSync(join(root, "src", file), text);
    }
    const { stdout } = spawnSync("oxlint", ["--format", "json"], {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 1e9,
    });
    const refused = new Set(
      JSON.parse(stdout)
        .diagnostics.filter(({ code }) => GUARDS.test(code))
        .flatMap(({ filename, labels }) => [filename, `${filename}:${labels[0].span.line}`]),
    );
    return (file, line) => refused.has(line === undefined ? `src/${file}` : `src/${file}:${line}`);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
