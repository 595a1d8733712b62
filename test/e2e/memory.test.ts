// Bodies that are near their bounds, each sent to a Worker of its own as it is deployed: what it holds of them at once. On
// Linux alone, which tells the most memory that a process has held.
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "vitest";

import { openOutside, type Outside } from "../../bench/lib/outside";
import { SERENTAK } from "../../bench/lib/peers";
import { type Server, startServer } from "../../bench/lib/server";

const MEBIBYTE = 1024 * 1024;
const MEMORY_GROWTH_BYTES = 64 * MEBIBYTE;

let outside: Outside;
let server: Server;

beforeAll(async () => {
  outside = await openOutside();
});
afterAll(() => outside.close());

function post(path: string, body: unknown): Promise<Response> {
  return fetch(`http://127.0.0.1:${String(server.port)}${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

/** Lists of texts that take two bytes a character, near the bound of a body. */
const WIDE_TEXTS: readonly (readonly [what: string, texts: readonly string[]])[] = [
  ["one text", ["\u0436".repeat(5 * MEBIBYTE - 100)]],
  ["three texts with one wide character", Array<string>(3).fill(`${"x".repeat(3_400_000)}\u0436`)],
  ["10,000 texts", Array<string>(10_000).fill("\u0436".repeat(520))],
  ["10,000 texts, of which one is wide", [...Array<string>(9999).fill("x".repeat(1030)), "\u0436"]],
];

/** Operations whose outputs, or what they were made with, once filled memory when ten ran over 10,000 items. */
const HEAVY_STEPS: readonly object[] = [
  { name: "sha512" },
  { name: "date_parse", zone: "Europe/Berlin" },
  { name: "csv_parse" },
  { name: "regex_extract", pattern: "(\\w)(\\w)" },
  { name: "date_format", format: "EEEE, d MMMM yyyy", zone: "Asia/Tokyo" },
];

describe.runIf(process.platform === "linux")("a fresh Worker", () => {
  let before = 0;

  beforeEach(async () => {
    server = await startServer(SERENTAK, outside);
    await (await post("/process-data", { items: ["a"], operation: "uppercase" })).json();
    before = server.memory().peak;
  });
  afterEach(async ({ expect }) => {
    const { peak } = server.memory();
    await server.stop();
    expect(peak - before).toBeLessThan(MEMORY_GROWTH_BYTES);
  });

  it.for(WIDE_TEXTS)(
    "does not hold a batch of %s several times over",
    async ([, items], { expect }) => {
      const response = await post("/batch-process", { operation: "length", items });
      expect([202, 422]).toContain(response.status);
      await response.body?.cancel();
    },
  );

  it.for(HEAVY_STEPS)(
    "does not hold ten pipelines of %j over 10,000 items",
    async (step, { expect }) => {
      const items = Array.from(
        { length: 10_000 },
        (_, n) => `${1970 + (n % 60)}-01-31T12:00:00,a,b,c,${n}`,
      );
      const dates = items.map((item) => item.slice(0, "1970-01-31T12:00:00".length));
      const isDate = Object.values(step)[0]?.startsWith("date");
      const response = await post("/process-data", {
        items: isDate === true ? dates : items,
        operations: Array(10).fill(step),
      });
      expect(response.status).toBe(200);
      expect(await response.json()).toHaveProperty("results.length", 10);
    },
  );

  it("does not hold ten pipelines that segment the words of long texts", async ({ expect }) => {
    const items = Array<string>(3).fill("ab c".repeat(70_000));
    const response = await post("/process-data", {
      items,
      operations: Array(10).fill("titlecase"),
    });
    expect(response.status).toBe(200);
    expect(await response.json()).toHaveProperty("results.length", 10);
  });
});
