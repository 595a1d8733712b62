// Refusals of KV that do not depend on its state, in the words of the local runtime.
import { KV } from "./platform";

/** A type, or options of a read. */
export type ReadOptions = string | { readonly type?: string; readonly cacheTtl?: number };

/** Refuses a name that no key can have. */
export function checkKey(key: string, operation: "GET" | "PUT" | "DELETE" | "GET_BULK"): void {
  if (key === "" && operation === "GET_BULK") {
    throw new Error("KV GET_BULK failed: 400 Key names must not be empty");
  }
  if (key === "") throw new TypeError("Key name cannot be empty.");
  if (key === "." || key === "..") throw new TypeError(`"${key}" is not allowed as a key name.`);
  checkLength(key, operation);
}

/** Refuses a key or prefix of more than 512 bytes. */
export function checkLength(text: string, operation: string): void {
  const bytes = byteLength(text);
  if (bytes <= KV.maxKeyBytes) return;
  throw new Error(
    `KV ${operation} failed: 414 UTF-8 encoded length of ${bytes} exceeds key length limit of ${KV.maxKeyBytes}.`,
  );
}

/** Refuses what is too large to be stored. `metadata` is JSON. */
export function checkSizes(value: string | Uint8Array, metadata: string | undefined): void {
  const bytes = typeof value === "string" ? byteLength(value) : value.byteLength;
  if (bytes > KV.maxValueBytes) {
    throw new Error(
      `KV PUT failed: 413 Value length of ${bytes} exceeds limit of ${KV.maxValueBytes}.`,
    );
  }
  const metadataBytes = byteLength(metadata ?? "");
  if (metadataBytes <= KV.maxMetadataBytes) return;
  throw new Error(
    `KV PUT failed: 413 Metadata length of ${metadataBytes} exceeds limit of ${KV.maxMetadataBytes}.`,
  );
}

/** The lifetime's end in milliseconds since 1970, or null. Refuses ends within a minute. */
export function readExpiry(options: KVNamespacePutOptions, now: number): number | null {
  const { expirationTtl: ttl, expiration: at } = options;
  if (ttl !== undefined) {
    if (!(ttl > 0)) throw invalid("expiration_ttl", ttl, "Please specify integer greater than 0");
    if (ttl >= KV.minTtlSeconds) return now + ttl * 1000;
    throw invalid("expiration_ttl", ttl, `Expiration TTL must be at least ${KV.minTtlSeconds}`);
  }
  if (at === undefined) return null;
  if (at * 1000 >= now + KV.minTtlSeconds * 1000) return at * 1000;
  const rule =
    at * 1000 > now
      ? "Expiration times must be at least 60 seconds in the future"
      : "Please specify integer greater than the current number of seconds since the UNIX epoch";
  throw invalid("expiration", at, rule);
}

function invalid(name: string, value: number, rule: string): Error {
  return new Error(`KV PUT failed: 400 Invalid ${name} of ${value}. ${rule}.`);
}

/** The type and the cache's time of a read, in milliseconds. */
export function readOptions(options: ReadOptions | undefined, defaultCacheMs: number) {
  if (typeof options === "string") return { type: options, cacheMs: defaultCacheMs };
  const { type = "text", cacheTtl } = options ?? {};
  if (cacheTtl === undefined) return { type, cacheMs: defaultCacheMs };
  if (cacheTtl >= KV.minCacheTtlSeconds) return { type, cacheMs: cacheTtl * 1000 };
  const rule = `Cache TTL must be at least ${KV.minCacheTtlSeconds}`;
  throw new Error(`KV GET failed: 400 Invalid cache_ttl of ${cacheTtl}. ${rule}.`);
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).byteLength;
}
