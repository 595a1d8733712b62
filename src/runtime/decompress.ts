// Decodes the content codings that the runtime's `fetch` leaves as they are. What does so is loaded when a
// response first needs it.
// oxlint-disable-next-line typescript/triple-slash-reference -- some programs that read this file do not include others
/// <reference path="./node-zlib.d.ts" />
import type * as Zlib from "node:zlib";
import type { Decompress } from "../domain/outgoing/content-coding";

type Decode = (
  zlib: typeof Zlib,
  bytes: Uint8Array,
  options: { maxOutputLength: number },
) => Uint8Array;

const DECODERS: Readonly<Record<string, Decode>> = {
  gzip: (zlib, bytes, options) => zlib.gunzipSync(bytes, options),
  "x-gzip": (zlib, bytes, options) => zlib.gunzipSync(bytes, options),
  // Many servers leave the zlib format's header away, which the standard asks for (RFC 9110 §8.4.1.2).
  deflate: (zlib, bytes, options) =>
    isZlib(bytes) ? zlib.inflateSync(bytes, options) : zlib.inflateRawSync(bytes, options),
  br: (zlib, bytes, options) => zlib.brotliDecompressSync(bytes, options),
  zstd: (zlib, bytes, options) => zlib.zstdDecompressSync(bytes, options),
};

/** Decodes one coding, within a limit of bytes. */
export const decompress: Decompress = async (coding, bytes, maxBytes) => {
  const decode = Object.hasOwn(DECODERS, coding) ? DECODERS[coding] : undefined;
  if (decode === undefined) return null;
  const zlib = await import("node:zlib");
  try {
    return new Uint8Array(decode(zlib, bytes, { maxOutputLength: maxBytes }));
  } catch (error) {
    return isTooLarge(error) ? "large" : null;
  }
};

/** True for the header of RFC 1950: method 8, and a check sum. */
function isZlib([first = 0, second = 0]: Uint8Array): boolean {
  return (first & 0x0f) === 8 && ((first << 8) + second) % 31 === 0;
}

function isTooLarge(error: unknown): boolean {
  return error instanceof RangeError || Object(error).code === "ERR_BUFFER_TOO_LARGE";
}
