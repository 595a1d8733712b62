// The heaviest requests that are known, found by `npm run memory`, each sent to a Worker of its own as it is deployed: none
// may lift the process by 64 MiB, since an isolate has 128 MB for all that it serves. On Linux alone, which tells the most
// memory that a process has held.
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, it, type ExpectStatic } from "vitest";

import { openOutside, type Outside } from "../../bench/lib/outside";
import { SERENTAK } from "../../bench/lib/peers";
import { type Server, startServer } from "../../bench/lib/server";

const MEBIBYTE = 1024 * 1024;
const MEMORY_GROWTH_BYTES = 64 * MEBIBYTE;
const MAX_TRIES = 3;
const POLL_MS = 50;
/** Stands for the address of the upstream, which is known once it listens. */
const UPSTREAM = "http://upstream.example";

let outside: Outside;

beforeAll(async () => {
  outside = await openOutside();
});
afterAll(() => outside.close());

interface Heavy {
  readonly path: "/process-data" | "/batch-process" | "/external-api";
  /** Its URLs are those of the upstream. */
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

const batch = (items: readonly unknown[], operation: unknown = "length"): Heavy => ({
  path: "/batch-process",
  body: { items, operation },
});
const tenTimes = (items: readonly unknown[], operation: unknown): Heavy => ({
  path: "/process-data",
  body: { items, operations: Array(10).fill(operation) },
});
const calls = (count: number, form: "json" | "text") =>
  Array<string>(count).fill(`${UPSTREAM}/large?bytes=${MEBIBYTE}&form=${form}`);
const list = <T>(length: number, make: (at: number) => T): T[] =>
  Array.from({ length }, (_, at) => make(at));

/** A character for which a whole text takes two bytes a character. */
const WIDE = "\u0436";
const DATES = list(10_000, (n) => `${1970 + (n % 60)}-01-31T12:00:00`);
const NUMBERS = list(1000, (n) => list(100, (m) => n * 100 + m));
const ROWS = DATES.map((date, n) => `${date},a,b,c,${n}`);
const LONG_TEXTS = list(10, (n) => `${"x".repeat(500_000)}${WIDE}${n}`);

const LENGTHENING = { name: "regex_replace", pattern: "a", replacement: WIDE.repeat(1000) };

const TAKING_APART = [
  "reverse",
  "collapse_whitespace",
  "snake_case",
  "titlecase",
  { name: "split", separator: " " },
  { name: "split", separator: "" },
  { name: "replace", search: "a", replacement: WIDE },
  { name: "select", expression: "reverse(@)" },
  { name: "select", expression: "replace(@, 'a', 'bc')" },
  { name: "csv_parse", delimiter: " ", header: false },
];

const SHAPES: Readonly<Record<string, Heavy>> = {
  "a batch of one wide text": batch([WIDE.repeat(5 * MEBIBYTE - 100)]),
  "a batch of three texts with one wide character": batch(
    Array(3).fill(`${"x".repeat(3_400_000)}${WIDE}`),
  ),
  "a batch of 10,000 wide texts": batch(Array(10_000).fill(WIDE.repeat(520))),
  "a batch of 10,000 texts, of which one is wide": batch([
    ...Array<string>(9999).fill("x".repeat(1030)),
    WIDE,
  ]),
  "a batch of long wide texts": batch(LONG_TEXTS),
  "a batch of long wide texts under a key": {
    ...batch(LONG_TEXTS, "trim"),
    headers: { "Idempotency-Key": "long-texts" },
  },
  "a batch of rows with many fields": batch(
    Array(20).fill(`[${"[],".repeat(80_000)}[]]`),
    "csv_parse",
  ),
  "a batch whose short texts become long": batch(list(10_000, String), {
    name: "pad",
    length: 8000,
    with: WIDE,
  }),
  "a batch of texts that become lists": batch(
    Array(20).fill(`[${"1,".repeat(120_000)}1]`),
    "json_parse",
  ),
  "a batch of tables": batch(Array(20).fill("a,b,c,d\n".repeat(32_000)), "csv_parse"),
  "a batch of tables that are too large": batch(
    Array(10).fill("a,b,c,d,e,f,g\n".repeat(32_000)),
    "csv_parse",
  ),
  "a batch of texts that become long and wide": batch(
    list(100, (n) => `${n}${"a".repeat(1000)}`),
    LENGTHENING,
  ),
  "a batch of tasks": batch(
    list(5_000, (n) => ({ title: `Task ${n}` })),
    "tasks",
  ),
  "ten calls with large documents": { path: "/external-api", body: { urls: calls(10, "json") } },
  "sixteen calls with large texts": { path: "/external-api", body: { urls: calls(16, "text") } },
  "ten calls with large documents as lines": {
    path: "/external-api",
    body: { urls: calls(10, "json") },
    headers: { Accept: "application/x-ndjson" },
  },
  "a batch of calls with large documents": batch(calls(20, "json"), "external-api"),
  "ten pipelines of digests": tenTimes(ROWS, "sha512"),
  "ten pipelines that read CSV": tenTimes(ROWS, "csv_parse"),
  "ten pipelines that read dates": tenTimes(DATES, { name: "date_parse", zone: "Europe/Berlin" }),
  "ten pipelines that read a table of many columns, and take it": tenTimes(
    [`${list(16_000, (n) => `c${n}`).join(",")}\n${"x\n".repeat(12)}`],
    ["csv_parse", { name: "select", expression: "[0]" }],
  ),
  "ten pipelines that count the words of wide texts": tenTimes(
    list(300, (n) => "aB,c ".repeat(638) + WIDE + n),
    "word_count",
  ),
  "ten pipelines that take a wide text apart": {
    path: "/process-data",
    body: { items: [`ab ${WIDE}`.repeat(140_000)], operations: TAKING_APART },
  },
  "ten pipelines of an expression that matches everywhere": tenTimes(
    Array(100).fill("a".repeat(10_000)),
    { name: "regex_extract", pattern: "(?P<x>.)(.)?" },
  ),
  "ten pipelines that sort by the characters of long texts": tenTimes(
    Array(300).fill("aB,c ".repeat(660)),
    { name: "sort", by: "split(@,'')" },
  ),
  "ten pipelines that measure a hundred thousand groups": tenTimes(NUMBERS, [
    "flatten",
    { name: "summarize", by: "@", value: "@" },
  ]),
  "ten pipelines that cut a long list into lists": tenTimes(NUMBERS, [
    "flatten",
    { name: "chunk", size: 1 },
    "json_stringify",
    "shuffle",
  ]),
  "ten pipelines of an expression that makes a list of each number": tenTimes(
    [Array(480_000).fill(1)],
    { name: "select", expression: "map(&[@],@)" },
  ),
  "ten pipelines that take URLs apart, and sort them": tenTimes(
    list(10_000, (n) => `https://a${n}.example/b?c=${n}&d=1`),
    ["url_parse", "sort"],
  ),
  "ten pipelines that check a pattern": tenTimes(
    list(10_000, (n) => "a".repeat(90) + n),
    { name: "validate", as: "schema", schema: { pattern: "(a+)+$" } },
  ),
  "ten pipelines whose lists are made anew again and again": tenTimes(
    list(10_000, (n) => "a".repeat(90) + n),
    list(5, () => ["uppercase", "shuffle"]).flat(),
  ),
  "ten pipelines that make long and wide texts": tenTimes(
    Array(3).fill("a".repeat(1000)),
    LENGTHENING,
  ),
  "ten pipelines that read made texts which are no JSON": tenTimes(
    list(3000, (n) => "a,b ".repeat(40) + n),
    [{ name: "template", template: "{{.}}".repeat(50) }, "json_parse"],
  ),
};

describe.runIf(process.platform === "linux")("a fresh Worker", () => {
  it.for(Object.entries(SHAPES))("does not hold %s several times over", async ([, heavy], t) => {
    let growth = Infinity;
    // What is held is held every time; garbage that waits for a busy machine to be collected is not.
    for (let tries = 0; tries < MAX_TRIES && growth >= MEMORY_GROWTH_BYTES; tries += 1)
      growth = Math.min(growth, await growthBy(heavy, t.expect));
    t.expect(growth).toBeLessThan(MEMORY_GROWTH_BYTES);
  });
});

/** Bytes by which a request lifts a Worker of its own. */
async function growthBy(heavy: Heavy, expect: ExpectStatic): Promise<number> {
  const server = await startServer(SERENTAK, outside);
  try {
    await send(server, tenTimes(["a"], "uppercase"));
    const before = server.memory().peak;
    expect([200, 202, 422]).toContain(await send(server, heavy));
    return server.memory().peak - before;
  } finally {
    await server.stop();
  }
}

/** Sends a request, and returns its status once all that it asked for is done. */
async function send({ port }: Server, { path, body, headers = {} }: Heavy): Promise<number> {
  const origin = `http://127.0.0.1:${port}`;
  const response = await fetch(origin + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body).replaceAll(UPSTREAM, outside.upstream),
  });
  await response.arrayBuffer();
  while (response.status === 202) {
    const found = await fetch(origin + String(response.headers.get("Location")));
    // Its other members do not matter here.
    const { finished_at } = (await found.json()) as { finished_at: string | null };
    if (finished_at !== null) break;
    await delay(POLL_MS);
  }
  return response.status;
}
