// The Workers that are measured, bound to what lies outside them.
import { resolve } from "node:path";
import type { Peer } from "./cpu-rounds.ts";
import type { Outside } from "./outside.ts";

const ASSETS = resolve(import.meta.dirname, "../../dist/public");

/** The page that calls. */
export const ORIGIN = "https://shop.example.com";

/** What every peer may use. */
function commonBindings({ kvPort, upstream }: Outside) {
  return {
    vars: {
      ALLOWED_ORIGINS: "*",
      PUBLIC_ENDPOINTS: "users tasks process-data external-api batch-process",
      ALLOWED_HOSTS: "127.0.0.1:*",
      DNS_RESOLVER_URL: `${upstream}/dns-query`,
      RATE_LIMIT: "off",
    },
    kv: ["USERS", "TASKS"],
    assets: ASSETS,
    kvPort,
  };
}

/** A Worker of `bench/peers`, with its Durable Object classes by binding. */
export function bind(
  name: string,
  outside: Outside,
  objects: Readonly<Record<string, string>> = {},
): Peer {
  return { name, folder: `bench/peers/${name}`, bindings: { ...commonBindings(outside), objects } };
}

/** The product with everything public, its Durable Objects on disk. */
export function serentak(outside: Outside): Peer {
  const objects = {
    RECORD_WRITERS: "RecordWriter",
    IDEMPOTENCY_KEYS: "IdempotencyKey",
    JOBS: "Job",
  };
  return {
    name: "serentak",
    folder: ".",
    bindings: { ...commonBindings(outside), objects },
  };
}
