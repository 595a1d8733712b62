// `npm run suites -- ORIGIN SUITE FOLDER`: runs a published test suite over `POST /process-data` of a server that
// runs, and prints how many cases pass and which do not. The folder is a checkout of:
//   jmespath       github.com/jmespath/jmespath.test
//   json-schema    github.com/json-schema-org/JSON-Schema-Test-Suite (drafts 4, 6, 7, 2019-09, 2020-12)
//   csv            github.com/max-mapper/csv-spectrum, or github.com/sineemore/csv-test-data
//   re2            golang.org's src/regexp/testdata, or any folder with its re2-search.txt
//   unicode        unicode.org/Public/<version>/ucd with NormalizationTest.txt, auxiliary/GraphemeBreakTest.txt
import { glob, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { isDeepStrictEqual } from "node:util";

const [origin, suite, folder = "."] = process.argv.slice(2);
const failures = [];
let count = 0;

/** Notes a case, and shows it if it fails. */
function check(isRight, name) {
  count += 1;
  if (!isRight) failures.push(name);
}

/** Runs an operation: its outputs and refusals by item, or undefined if the operation itself is refused. */
async function run(operation, items) {
  const response = await fetch(`${origin}/process-data`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ items, operation }),
  });
  const reply = await response.json();
  if (response.status === 422) return undefined;
  if (response.status !== 200) throw new Error(`${response.status} ${JSON.stringify(reply)}`);
  const outputs = reply.processed_items;
  return outputs.map((output, index) => ({
    output,
    error: reply.errors.find((error) => error.index === index)?.detail,
  }));
}

async function* jsonFiles(pattern) {
  for await (const path of glob(join(folder, pattern)))
    yield [path, JSON.parse(await readFile(path, "utf8"))];
}

async function jmespath() {
  for await (const [path, groups] of jsonFiles("tests/*.json")) {
    for (const { given, cases } of groups)
      for (const one of cases) await selectCase(basename(path), given, one);
  }
}

async function selectCase(file, given, { expression, result, error, bench }) {
  if (bench !== undefined) return;
  const [found] = (await run({ name: "select", expression }, [given])) ?? [];
  const isRefused = found === undefined || found.error !== undefined;
  const isRight = error === undefined && !isRefused && isDeepStrictEqual(found.output, result);
  check(error === undefined ? isRight : isRefused, `${file}: ${expression}`);
}

const DRAFTS = {
  draft4: "http://json-schema.org/draft-04/schema#",
  draft6: "http://json-schema.org/draft-06/schema#",
  draft7: "http://json-schema.org/draft-07/schema#",
  "draft2019-09": "https://json-schema.org/draft/2019-09/schema",
  "draft2020-12": "https://json-schema.org/draft/2020-12/schema",
};

async function jsonSchema() {
  for (const [draft, uri] of Object.entries(DRAFTS)) {
    const before = { count, failed: failures.length };
    for await (const [path, groups] of jsonFiles(`tests/${draft}/*.json`))
      for (const group of groups) await schemaCases(`${draft}/${basename(path)}`, uri, group);
    const passed = count - before.count - (failures.length - before.failed);
    console.log(`${draft}: ${passed} of ${count - before.count}`);
  }
}

async function schemaCases(file, uri, { description, schema: written, tests }) {
  const schema = typeof written === "object" ? { $schema: uri, ...written } : written;
  const items = tests.map(({ data }) => data);
  const outcome = await run({ name: "validate", as: "schema", schema }, items);
  const note = outcome === undefined ? " (schema refused)" : "";
  for (const [at, { description: test, valid }] of tests.entries())
    check(outcome?.[at].output?.valid === valid, `${file}: ${description}: ${test}${note}`);
}

/** Texts with what they hold: objects by the names of a header, or else lists; those with nothing are faulty. */
async function csv() {
  for await (const path of glob([join(folder, "csvs/*.csv"), join(folder, "csv/*.csv")])) {
    const name = basename(path, ".csv");
    const rows = await readFile(join(folder, "json", `${name}.json`), "utf8").catch(() => "null");
    const expected = JSON.parse(rows);
    const hasHeader = expected === null || !Array.isArray(expected[0]);
    const text = await readFile(path, "utf8");
    const strict = expected === null ? { quotes: "strict", ragged: "error" } : {};
    const dialect = { delimiter: ",", header: hasHeader, skip_empty: hasHeader, ...strict };
    const [found] = (await run({ name: "csv_parse", ...dialect }, [text])) ?? [];
    const isRight = isDeepStrictEqual(found?.output, expected);
    check(isRight, `${name}: ${JSON.stringify(found?.output ?? found?.error)}`);
  }
}

/** Texts, expressions, and for each text the places of matches: as regexp, of the whole text, longest, both. */
async function re2() {
  const lines = (await readFile(join(folder, "re2-search.txt"), "utf8")).split("\n");
  let [texts, expression, at] = [[], "", 0];
  let isReadingTexts = false;
  const expected = new Map();
  for (const line of lines) {
    if (line === "strings") [texts, isReadingTexts] = [[], true];
    else if (line === "regexps") isReadingTexts = false;
    else if (line.startsWith('"')) {
      if (isReadingTexts) texts.push(unquote(line));
      else {
        [expression, at] = [unquote(line), 0];
        expected.set(expression, { texts, places: [] });
      }
    } else if (/^[-\d]/.test(line)) {
      expected.get(expression).places[at] = line.split(";")[1];
      at += 1;
    }
  }
  for (const [pattern, { texts: all, places }] of expected) {
    if (pattern === "") continue;
    const outcome = await run({ name: "regex_match", pattern }, all);
    for (const [index, text] of all.entries())
      check(
        outcome?.[index].output === (places[index] !== "-"),
        `${pattern} over ${JSON.stringify(text)}`,
      );
  }
}

/** The text of a literal of Go's. */
const unquote = (line) =>
  JSON.parse(
    line
      .replaceAll(/(?<!\\)\\x([0-9a-f]{2})/g, "\\u00$1")
      .replaceAll("\\a", "\\u0007")
      .replaceAll("\\v", "\\u000b")
      .split("")
      .map((char) => (char < " " ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : char))
      .join(""),
  );

const textOf = (codes) =>
  String.fromCodePoint(
    ...codes
      .trim()
      .split(/\s+/)
      .map((code) => Number.parseInt(code, 16)),
  );

async function unicode() {
  const lines = (await readFile(join(folder, "NormalizationTest.txt"), "utf8")).split("\n");
  const rows = lines
    .filter((line) => /^[\dA-F]/.test(line))
    .map((line) => line.split(";").slice(0, 5).map(textOf));
  for (const [column, form] of [
    [1, "NFC"],
    [2, "NFD"],
    [3, "NFKC"],
    [4, "NFKD"],
  ]) {
    for (let from = 0; from < rows.length; from += 5_000) {
      const part = rows.slice(from, from + 5_000);
      const outcome = await run(
        { name: "normalize", form },
        part.map(([source]) => source),
      );
      for (const [at, row] of part.entries())
        check(outcome[at].output === row[column], `${form} of ${JSON.stringify(row[0])}`);
    }
  }
  const breaks = (await readFile(join(folder, "auxiliary/GraphemeBreakTest.txt"), "utf8")).split(
    "\n",
  );
  const cases = breaks
    .map((line) => line.split("#")[0].trim())
    .filter(Boolean)
    .map((line) =>
      line
        .split("÷")
        .map((part) => part.replaceAll("×", "").trim())
        .filter(Boolean)
        .map(textOf),
    );
  const outcome = await run(
    { name: "split", separator: "" },
    cases.map((parts) => parts.join("")),
  );
  for (const [at, parts] of cases.entries())
    check(isDeepStrictEqual(outcome[at].output, parts), `graphemes of ${JSON.stringify(parts)}`);
}

const suites = { jmespath, "json-schema": jsonSchema, csv, re2, unicode };
const chosen = suites[suite];
if (chosen === undefined) throw new Error(`A suite is one of ${Object.keys(suites).join(", ")}`);
await chosen();
console.log(`${suite}: ${count - failures.length} of ${count} pass`);
for (const failure of failures) console.log(`  ${failure}`);
