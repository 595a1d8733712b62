import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { describe, it } from "vitest";
import { decodeContent, leftCodings } from "../../../src/domain/outgoing/content-coding";
import { decompress } from "../../../src/runtime/decompress";

const TEXT = "the representation ".repeat(100);
const bytesOf = (text: string) => new Uint8Array(new TextEncoder().encode(text));

async function decoded(bytes: Uint8Array, contentEncoding: string, maxBytes = 10_000) {
  const codings = leftCodings(contentEncoding);
  const result = await decodeContent(new Uint8Array(bytes), codings, maxBytes, decompress);
  return result instanceof Uint8Array ? new TextDecoder().decode(result) : result;
}

describe("content codings that the runtime leaves", () => {
  it.for<[string, (bytes: Uint8Array) => Uint8Array]>([
    ["x-gzip", gzipSync],
    ["GZIP", gzipSync],
    ["deflate", deflateSync],
    ["deflate", deflateRawSync],
    ["zstd", zstdCompressSync],
    ["Zstd", zstdCompressSync],
    ["BR", brotliCompressSync],
    ["gzip, gzip", (bytes) => gzipSync(gzipSync(bytes))],
    ["deflate , zstd", (bytes) => zstdCompressSync(deflateSync(bytes))],
    ["identity, br, identity", brotliCompressSync],
  ])("%s is decoded", async ([coding, encode], { expect }) => {
    expect(await decoded(encode(bytesOf(TEXT)), coding)).toBe(TEXT);
  });

  it.for(["compress", "aws-chunked", "gzip, secret", "constructor", "dcb"])(
    "%s is told to be unknown",
    async (coding, { expect }) => {
      expect(await decoded(gzipSync(bytesOf(TEXT)), coding)).toBeNull();
    },
  );

  it("that do not decode are told like unknown ones", async ({ expect }) => {
    for (const coding of ["x-gzip", "deflate", "zstd", "BR"])
      expect(await decoded(bytesOf("no coding at all"), coding)).toBeNull();
  });

  it("end at the limit of bytes", async ({ expect }) => {
    for (const [coding, encode] of [
      ["x-gzip", gzipSync],
      ["deflate", deflateSync],
      ["zstd", zstdCompressSync],
      ["BR", brotliCompressSync],
    ] as const)
      expect(await decoded(encode(bytesOf(TEXT)), coding, 1000)).toBe("large");
  });

  it("are none where the runtime has decoded, or there was nothing to decode", ({ expect }) => {
    for (const header of [null, "gzip", "br", "identity", "", "identity, identity"])
      expect(leftCodings(header)).toEqual([]);
  });
});
