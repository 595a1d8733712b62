import * as fc from "fast-check";
import { describe, it } from "vitest";
import { readCapped } from "../../src/lib/read-capped";

/** A stream of these chunks that notes how many were asked for, and whether it was cancelled. */
function stream(chunks: Iterable<Uint8Array>) {
  const seen = { pulled: 0, isCancelled: false };
  const iterator = chunks[Symbol.iterator]();
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) return controller.close();
        seen.pulled += 1;
        return controller.enqueue(value);
      },
      cancel() {
        seen.isCancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { body, seen };
}

/** A stream as the runtime's are. One that is stalled sends nothing more, and does not end. */
function byteStream(chunks: readonly Uint8Array<ArrayBuffer>[], { isStalled = false } = {}) {
  const left = chunks.map((chunk) => chunk.slice());
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      const chunk = left.shift();
      if (chunk !== undefined) return controller.enqueue(chunk);
      if (isStalled) return Promise.withResolvers<void>().promise;
      controller.close();
      controller.byobRequest?.respond(0);
      return undefined;
    },
  });
}

function* endlessly(bytes: number): Generator<Uint8Array> {
  for (;;) yield new Uint8Array(bytes);
}

describe("readCapped", () => {
  it("returns all bytes in order, however they are cut", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array()), async (chunks) => {
        const bytes = await readCapped(stream(chunks).body, Number.MAX_SAFE_INTEGER);
        expect([...(bytes ?? [])]).toEqual(chunks.flatMap((chunk) => [...chunk]));
      }),
      { numRuns: 50 },
    );
  });

  it("returns all bytes of a stream of bytes, however they are cut", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1 })), async (chunks) => {
        const all = chunks.flatMap((chunk) => [...chunk]);
        expect([...((await readCapped(byteStream(chunks), all.length)) ?? [])]).toEqual(all);
        if (all.length > 0) expect(await readCapped(byteStream(chunks), all.length - 1)).toBeNull();
      }),
      { numRuns: 50 },
    );
  });

  it("waits for nothing once the limit is passed", async ({ expect }) => {
    const stalled = byteStream([new Uint8Array(11)], { isStalled: true });
    expect(await readCapped(stalled, 10)).toBeNull();
  });

  it("takes exactly the limit, and not a byte more", async ({ expect }) => {
    const chunks = [new Uint8Array(6), new Uint8Array(4)];
    expect(await readCapped(stream(chunks).body, 10)).toHaveLength(10);
    expect(await readCapped(stream(chunks).body, 9)).toBeNull();
  });

  it("stops at the limit and closes a stream without end", async ({ expect }) => {
    const { body, seen } = stream(endlessly(100));
    expect(await readCapped(body, 1000)).toBeNull();
    expect(seen).toEqual({ pulled: 11, isCancelled: true });
  });

  it("returns no bytes for a stream without any", async ({ expect }) => {
    expect(await readCapped(stream([]).body, 0)).toHaveLength(0);
  });

  it("rejects when the stream fails", async ({ expect }) => {
    const broken = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error("reset")),
    });
    await expect(readCapped(broken, 10)).rejects.toThrow("reset");
  });
});
