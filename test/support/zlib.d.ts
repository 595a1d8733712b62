// The encoders of Node's API, for tests inside the runtime, whose types do not list them.
declare module "node:zlib" {
  export function gzipSync(bytes: Uint8Array): Uint8Array;
  export function deflateSync(bytes: Uint8Array): Uint8Array;
  export function deflateRawSync(bytes: Uint8Array): Uint8Array;
  export function brotliCompressSync(bytes: Uint8Array): Uint8Array;
  export function zstdCompressSync(bytes: Uint8Array): Uint8Array;
}
