// A server in workerd's own configuration format.
import { basename } from "node:path";
import type { Bundle } from "./bundle.ts";

/** What a Worker is bound to, besides text. */
export interface Bindings {
  readonly vars: Readonly<Record<string, string>>;
  /** Names of KV namespaces, all of which are served on `kvPort`. */
  readonly kv: readonly string[];
  readonly kvPort: number;
  /** Durable Object classes by binding. */
  readonly objects: Readonly<Record<string, string>>;
  /** Absolute path of the folder that is served as static assets. */
  readonly assets: string;
  /** Absolute path of the folder that objects are kept in. */
  readonly storage: string;
}

/** JSON strings are Cap'n Proto strings too. */
const quote = (text: string) => JSON.stringify(text);

/** The configuration of one Worker on a free port of 127.0.0.1, which may call any address. */
export function toCapnp(
  bundle: Bundle,
  { vars, kv, kvPort, objects, assets, storage }: Bindings,
): string {
  const bindings = [
    ...Object.entries(vars).map(([name, text]) => [name, `text = ${quote(text)}`]),
    ["ASSETS", 'service = "assets"'],
    ...kv.map((name) => [name, 'kvNamespace = "kv"']),
    ...Object.entries(objects).map(([name, type]) => [
      name,
      `durableObjectNamespace = ${quote(type)}`,
    ]),
  ].map(([name = "", value]) => `(name = ${quote(name)}, ${value})`);
  const classes = Object.values(objects).map(
    (name) => `(className = ${quote(name)}, uniqueKey = ${quote(name)}, enableSql = true)`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private"], tlsOptions = (trustBrowserCas = true))),
    (name = "kv", external = (address = "127.0.0.1:${kvPort}", http = ())),
    (name = "assets", disk = (path = ${quote(assets)})),
    (name = "disk", disk = (path = ${quote(storage)}, writable = true))
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${quote(basename(bundle.script))})],
  compatibilityDate = ${quote(bundle.compatibilityDate)},
  compatibilityFlags = [${bundle.compatibilityFlags.map(quote).join(", ")}],
  bindings = [${bindings.join(", ")}],
  durableObjectNamespaces = [${classes.join(", ")}],
  durableObjectStorage = (localDisk = "disk")
);
`;
}
