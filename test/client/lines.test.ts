// Byte streams as lines, however they are cut.
import { describe, it } from "vitest";
import { readBytes, readLines } from "../../src/client/lines";
import { collect, streamOf } from "../support/client";

describe("lines", () => {
  it.for([
    [["a\nb\n"], ["a", "b"]],
    [
      ["a\r", "\nb"],
      ["a", "b"],
    ],
    [["a\n\nb"], ["a", "", "b"]],
    [["one ", "line"], ["one line"]],
    [[], []],
  ] as const)("are found in %j", async ([pieces, lines], { expect }) => {
    expect(await collect(readLines(readBytes({ body: streamOf(pieces) })))).toEqual(lines);
  });

  it("keep a character whole whose bytes come apart", async ({ expect }) => {
    const bytes = new TextEncoder().encode("é\n");
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect(await collect(readLines(readBytes({ body })))).toEqual(["é"]);
  });

  it("end the stream when their reader has enough", async ({ expect }) => {
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x\n")),
      cancel: () => void (isCancelled = true),
    });
    for await (const line of readLines(readBytes({ body }))) {
      expect(line).toBe("x");
      break;
    }
    expect(isCancelled).toBe(true);
  });
});
