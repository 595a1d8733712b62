// Memory of the heaviest requests that are known, found by `npm run memory`: none may lift the runtime by 64 MiB, since
// an isolate has 128 MB for all that it serves.
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, it } from "vitest";

import { type Serentak, startSerentak } from "../support/node/serentak";

const MEBIBYTE = 1024 * 1024;
const MEMORY_GROWTH_BYTES = 64 * MEBIBYTE;
const POLL_MS = 50;

let server: Serentak;

beforeAll(async () => {
  server = await startSerentak();
});
afterAll(() => server.stop());

interface Heavy {
  readonly path: "/process-data" | "/batch-process";
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
const list = <T>(length: number, make: (at: number) => T): T[] =>
  Array.from({ length }, (_, at) => make(at));

const WIDE = "\u0436";
const DATES = list(10_000, (n) => `${1970 + (n % 60)}-01-31T12:00:00`);
const ROWS = DATES.map((date, n) => `${date},a,b,c,${n}`);
const BOMB = `[${"[],".repeat(80_000)}[]]`;
const LONG_TEXTS = list(10, (n) => `${"x".repeat(500_000)}${WIDE}${n}`);

/** Requests that are sent to one server: where they are several, they are within the bound even together. */
const SHAPES: Readonly<Record<string, readonly Heavy[]>> = {
  "batches of wide texts, most of which are refused": [
    batch([WIDE.repeat(5 * MEBIBYTE - 100)]),
    batch(Array(3).fill(`${"x".repeat(3_400_000)}${WIDE}`)),
    batch([...Array<string>(9999).fill("x".repeat(1030)), WIDE]),
  ],
  "batches of many fields and of many wide texts": [
    batch(Array(20).fill(BOMB), "csv_parse"),
    batch(Array(10_000).fill(WIDE.repeat(520))),
  ],
  "a batch of long wide texts under a key": [
    { ...batch(LONG_TEXTS), headers: { "Idempotency-Key": "long-texts" } },
  ],
  "a batch of long wide texts whose results are waited for": [
    { ...batch(LONG_TEXTS, "trim"), headers: { Prefer: "wait=20" } },
  ],
  "ten pipelines of digests, and of CSV": [tenTimes(ROWS, "sha512"), tenTimes(ROWS, "csv_parse")],
  "ten pipelines that read dates": [tenTimes(DATES, { name: "date_parse", zone: "Europe/Berlin" })],
  "ten pipelines that write dates": [
    tenTimes(DATES, { name: "date_format", format: "EEEE, d MMMM yyyy", zone: "Asia/Tokyo" }),
  ],
  "ten pipelines that segment the words of long texts": [
    tenTimes(Array(3).fill("ab c".repeat(70_000)), "titlecase"),
  ],
  "ten pipelines of expressions that match everywhere": [
    tenTimes(Array(100).fill("a".repeat(10_000)), {
      name: "regex_extract",
      pattern: "(?P<x>.)(.)?",
    }),
  ],
  "ten pipelines that compare the members of lists": [
    tenTimes(
      list(10_000, (n) => [WIDE.repeat(10) + n, `b${n}`]),
      ["flatten", "unique"],
    ),
  ],
};

it.for(Object.entries(SHAPES))("The memory of %s is bounded", async ([, shapes], { expect }) => {
  await server.restart();
  expect(await send(tenTimes(["a"], "trim"))).toBe(200);
  const before = server.peakMemoryBytes();
  for (const heavy of shapes) expect([200, 202, 422]).toContain(await send(heavy));
  expect(server.peakMemoryBytes() - before).toBeLessThan(MEMORY_GROWTH_BYTES);
});

/** Sends a request, and returns its status once all that it asked for is done. */
async function send({ path, body, headers = {} }: Heavy): Promise<number> {
  const response = await fetch(server.origin + path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  const location = response.headers.get("Location");
  while (response.status === 202) {
    const found = await fetch(server.origin + location);
    // Of any shape: only the end matters here.
    const { finished_at } = (await found.json()) as { finished_at: string | null };
    if (finished_at !== null) break;
    await delay(POLL_MS);
  }
  return response.status;
}
