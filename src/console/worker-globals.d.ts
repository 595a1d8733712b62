// The console takes types from the client, and the client takes them from the routes, so the compiler
// reads the Worker's files as well, here among a browser's globals. What those lack of the Worker's
// stands here; only the types are used.

interface SubtleCrypto {
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
  digest(algorithm: AlgorithmIdentifier, data: Uint8Array): Promise<ArrayBuffer>;
  sign(algorithm: AlgorithmIdentifier, key: CryptoKey, data: Uint8Array): Promise<ArrayBuffer>;
  importKey(
    format: "raw",
    keyData: Uint8Array,
    algorithm: HmacImportParams,
    extractable: boolean,
    keyUsages: readonly KeyUsage[],
  ): Promise<CryptoKey>;
}

interface CacheStorage {
  readonly default: Cache;
}

interface ReadableStreamBYOBReader {
  readAtLeast<View extends ArrayBufferView>(
    minElements: number,
    view: View,
  ): Promise<ReadableStreamReadResult<View>>;
}
