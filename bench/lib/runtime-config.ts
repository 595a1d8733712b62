// A Worker alone with what it is bound to, in the runtime's own configuration.
import { readFileSync } from "node:fs";
import { type Config, SERVICE_LOOPBACK, SOCKET_ENTRY, type Worker } from "miniflare";
import type { Bundle } from "./bundle.ts";
import type { Outside } from "./outside.ts";

/**
 * The configuration of one Worker, which may call any address. Every Worker is bound to the same, whether
 * it uses it or not; its objects, which its `wrangler.toml` names, are kept in the folder `storage`.
 */
export function toRuntimeConfig(bundle: Bundle, outside: Outside, storage: string): Config {
  return {
    services: [
      { name: "main", worker: toWorker(bundle, outside) },
      { name: "internet", network: { allow: ["public", "private"] } },
      { name: "kv", external: { address: outside.kvAddress, http: {} } },
      { name: "assets", disk: { path: bundle.assets } },
      { name: "disk", disk: { path: storage, writable: true } },
      // Miniflare sets its address, so that there must be one.
      { name: SERVICE_LOOPBACK, external: { http: {} } },
    ],
    sockets: [{ name: SOCKET_ENTRY, service: { name: "main" }, http: {} }],
  };
}

function toWorker({ script, config }: Bundle, { upstream }: Outside): Worker {
  const { compatibility_date: compatibilityDate, compatibility_flags: flags } = config;
  if (compatibilityDate === undefined) throw new Error(`${config.name} has no compatibility_date`);
  const vars = {
    ALLOWED_ORIGINS: "*",
    PUBLIC_ENDPOINTS: "users tasks process-data external-api batch-process",
    ALLOWED_HOSTS: "127.0.0.1:*",
    DNS_RESOLVER_URL: `${upstream}/dns-query`,
    RATE_LIMIT: "off",
    ANONYMOUS_DAILY: "off",
  };
  const objects = config.durable_objects.bindings;
  return {
    modules: [{ name: "worker.js", esModule: readFileSync(script, "utf8") }],
    compatibilityDate,
    compatibilityFlags: flags,
    bindings: [
      ...Object.entries(vars).map(([name, text]) => ({ name, text })),
      { name: "ASSETS", service: { name: "assets" } },
      ...["USERS", "TASKS"].map((name) => ({ name, kvNamespace: { name: "kv" } })),
      ...objects.map(({ name, class_name: className }) => ({
        name,
        durableObjectNamespace: { className },
      })),
    ],
    durableObjectNamespaces: objects.map(({ class_name: className }) => ({
      className,
      uniqueKey: className,
      enableSql: true,
    })),
    durableObjectStorage: { localDisk: "disk" },
  };
}
