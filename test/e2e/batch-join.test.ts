// A file of thousands of rows goes through an API, and comes back as CSV with what each row was.
import { afterAll, beforeAll, it } from "vitest";

import { untilOver } from "../support/node/batches";
import { startUpstreams, type Upstreams } from "../support/node/upstreams";
import { sharedWorld, type World } from "../support/node/world";
import { CsvReader } from "../../src/lib/csv-reader";

const ROWS = 4000;

let server: World["server"];
let upstreams: Upstreams;

beforeAll(async () => {
  upstreams = await startUpstreams();
  ({ server } = await sharedWorld());
});
afterAll(() => upstreams.close());

const row = (n: number) => [String(n), `Łódź "${String(n)}"`, n % 2 === 0 ? "a;b" : "two\nlines"];
const cell = (text: string) => `"${text.replaceAll('"', '""')}"`;

function cellsOf(csv: string): (readonly string[])[] {
  const reader = new CsvReader(",", 100_000, 1);
  return [...reader.push(csv), ...reader.end()].map((record) =>
    "cells" in record ? record.cells : [],
  );
}

it("4,000 rows of three columns come back joined to their results", async ({ expect }) => {
  const lines = Array.from({ length: ROWS }, (_, n) => row(n).map(cell).join(";"));
  const url = `${upstreams.origin}/echo?n={n}&city={city}`;
  const query = new URLSearchParams({
    operation: "external-api",
    template: JSON.stringify({ url, select: "path" }),
    concurrency: "48",
    then: "count",
  });
  const response = await fetch(`${server.origin}/batch-process?${query.toString()}`, {
    method: "POST",
    headers: { "content-type": "text/csv", authorization: "Bearer dev" },
    body: `n;city;note\n${lines.join("\n")}\n`,
  });
  expect(response.status).toBe(202);
  const { id } = (await response.json()) as { id: string };
  expect(await untilOver(server.origin, id)).toMatchObject({
    status: "completed",
    succeeded: ROWS,
    summary: ROWS,
  });
  const csv = await fetch(`${server.origin}/batch-process/${id}/results?input=true`, {
    headers: { accept: "text/csv" },
  });
  const [header, ...rows] = cellsOf(await csv.text());
  expect(header).toEqual(["index", "n", "city", "note", "status", "output", "error", "attempts"]);
  expect(rows).toHaveLength(ROWS);
  for (const [n, [index, ...cells]] of rows.entries()) {
    if (n % 997 === 0) expect(cells.slice(0, 4)).toEqual([...row(n), "succeeded"]);
    if (index !== String(n) || cells[0] !== index || !cells[4]?.includes(`?n=${index}&`))
      throw new Error(`Row ${String(n)} is ${JSON.stringify(cells)}`);
  }
});
