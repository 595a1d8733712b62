// The parts of Node's API that are used inside the runtime, whose types do not list them.
declare module "node:zlib" {
  /** Limits of a decoder; it throws beyond them. */
  interface Options {
    maxOutputLength: number;
  }
  export function gunzipSync(bytes: Uint8Array, options: Options): Uint8Array;
  export function inflateSync(bytes: Uint8Array, options: Options): Uint8Array;
  export function inflateRawSync(bytes: Uint8Array, options: Options): Uint8Array;
  export function brotliDecompressSync(bytes: Uint8Array, options: Options): Uint8Array;
  export function zstdDecompressSync(bytes: Uint8Array, options: Options): Uint8Array;
}
