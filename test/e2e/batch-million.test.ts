// A million items in one request: taken in as a stream and run, in memory that does not grow with them.
import { afterAll, beforeAll, it } from "vitest";

import { untilOver } from "../support/node/batches";
import { type Serentak, startWorker } from "../support/node/serentak";

const ITEMS = 1_000_000;
const LINES_PER_PIECE = 2000;
const MEBIBYTE = 1024 * 1024;
/** Bytes by which the most memory that the server has held may grow. */
const MEMORY_GROWTH_BYTES = 128 * MEBIBYTE;

let server: Serentak;

beforeAll(async () => {
  server = await startWorker();
});
afterAll(() => server.stop());

/** So many lines of 75 characters and more, made as they are sent. */
function lines(count: number): ReadableStream<Uint8Array> {
  const filler = "x".repeat(64);
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const end = Math.min(count, next + LINES_PER_PIECE);
      let piece = "";
      for (; next < end; next += 1) piece += `"text ${String(next)} ${filler}"\n`;
      if (piece === "") controller.close();
      else controller.enqueue(encoder.encode(piece));
    },
  });
}

/** Sends a batch of so many lines, and waits for its end. @returns its address */
async function run(count: number): Promise<string> {
  const init = {
    method: "POST",
    // Node asks for it where a body is a stream; the types know nothing of it.
    duplex: "half",
    headers: { "content-type": "application/x-ndjson", authorization: "Bearer dev" },
    body: lines(count),
  };
  const response = await fetch(`${server.origin}/batch-process?operation=uppercase`, init);
  const { id } = (await response.json()) as { id: string };
  await untilOver(server.origin, id);
  return `${server.origin}/batch-process/${id}`;
}

it("a million lines are taken in and run in bounded memory", async ({ expect }) => {
  await run(1000);
  const before = server.peakMemoryBytes();

  const address = await run(ITEMS);

  expect(await (await fetch(address)).json()).toMatchObject({
    status: "completed",
    total: ITEMS,
    succeeded: ITEMS,
  });
  expect(server.peakMemoryBytes() - before).toBeLessThan(MEMORY_GROWTH_BYTES);
});
