import fc from "fast-check";
import { it } from "vitest";
import { LineSplitter } from "../../src/lib/line-splitter";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function split(pieces: readonly string[], maxBytes = 100) {
  const lines = new LineSplitter(maxBytes);
  // One buffer for all pieces, as a stream has it.
  const buffer = new Uint8Array(1000);
  const read = (piece: string) => {
    const { written } = encoder.encodeInto(piece, buffer);
    return [...lines.push(buffer.subarray(0, written))].map(show);
  };
  return [...pieces.flatMap(read), ...[...lines.end()].map(show)];
}

function show({ line, bytes }: { line: number; bytes: Uint8Array | null }) {
  return [line, bytes && decoder.decode(bytes)];
}

it("LineSplitter tells each line with its number", ({ expect }) => {
  expect(split(["a\n\nb", "c\nd"])).toEqual([
    [1, "a"],
    [2, ""],
    [3, "bc"],
    [4, "d"],
  ]);
  expect(split(["a\n"])).toEqual([[1, "a"]]);
  expect(split([""])).toEqual([]);
});

it("LineSplitter keeps nothing of a line that is too long", ({ expect }) => {
  expect(split(["aaa", "bbb", "c\nd\n"], 5)).toEqual([
    [1, null],
    [2, "d"],
  ]);
});

it("LineSplitter splits the same in one piece and in many", ({ expect }) => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "bb", "\n")), (pieces) => {
      expect(split(pieces)).toEqual(split([pieces.join("")]));
    }),
  );
});
