// The rooms of `src` and what each may import: the one place where this is said. The lint rules in
// `.oxlintrc.json` are made from it by `npm run guards`; `npm run check` proves that they hold.

const pure = ["valibot"];
const domain = "domain/*";
/** Rooms that every folder of `domain` but the job engine may import. */
const shared = ["lib", "domain/errors.ts", "domain/platform.ts"];
const belowStorage = ["lib", domain, "env.ts"];
const belowHttp = [...belowStorage, "storage", "runtime"];
const belowRoutes = [...belowHttp, "durable-objects", "http"];

/**
 * Lowest first: a room imports from itself and from rooms above it in this list, so there is no circle.
 *
 * - `path` below `src`: a folder, or a file
 * - `holds` what lives there
 * - `imports` other rooms, values and types; `domain/*` is all of them
 * - `types` rooms of which it may know the types alone
 * - `packages` libraries and what the platform brings, by name
 * - `unread` modules of its own that no file of it imports: they are for rooms below
 * - `hasFolders` whether files stand in folders of it, too
 */
export const rooms = [
  {
    path: "lib",
    holds: "small general helpers, one export a file. No state of its own, nothing of the platform",
    imports: [],
    packages: pure,
  },
  {
    path: "domain/platform.ts",
    holds: "every number of the platform and of the contract that two places need, once",
    imports: [],
    packages: [],
  },
  {
    path: "domain/errors.ts",
    holds: "refusals and their codes",
    imports: ["lib"],
    packages: pure,
  },
  {
    path: "domain/text.ts",
    holds: "the rule for text that people read",
    imports: ["lib"],
    packages: pure,
  },
  {
    path: "domain/inspect-json.ts",
    holds: "limits and exactness of JSON from outside, whatever carries it",
    imports: shared,
    packages: [],
  },
  {
    path: "domain/idempotency.ts",
    holds: "what is remembered under an Idempotency-Key, and who remembers it",
    imports: [],
    packages: [],
  },
  {
    path: "domain/links",
    holds: "signed links: what one may do, how it is signed, the keys",
    imports: ["lib"],
    packages: pure,
  },
  {
    path: "domain/callers",
    holds: "bearer tokens, and what callers without one may use a day",
    imports: ["lib", "domain/errors.ts"],
    packages: pure,
  },
  {
    path: "domain/jobs",
    holds: "the batch engine. Knows no tenant",
    imports: ["lib", "domain/platform.ts"],
    packages: pure,
  },
  {
    path: "domain/outgoing",
    holds: "outgoing fetch, host policy, special-use hosts, redaction, decoding",
    imports: shared,
    packages: pure,
  },
  {
    path: "domain/email",
    holds: "syntax, canonical form, DNS evidence, suggestions",
    imports: shared,
    packages: [...pure, "punycode.js"],
  },
  {
    path: "domain/json-query",
    holds: "bounded JMESPath",
    imports: shared,
    packages: [...pure, "@jmespath-community/jmespath"],
  },
  {
    path: "domain/operations",
    holds: "the registry of operations, one file a family",
    imports: [...shared, "domain/email", "domain/json-query"],
    packages: [
      ...pure,
      "@noble/hashes/*",
      "entities",
      "re2js",
      "mustache",
      "@cfworker/json-schema",
    ],
  },
  {
    path: "domain/calls",
    holds: "schemas, preparing, running, fan-out, cache and upstreams of `/external-api`",
    imports: [...shared, "domain/outgoing", "domain/json-query"],
    packages: pure,
  },
  {
    path: "domain/mail",
    holds: "mails, and the services that send them",
    imports: [...shared, "domain/outgoing", "domain/email"],
    packages: pure,
  },
  {
    path: "domain/notifications",
    holds: "events, channel formats, schedule, signature, a channel's lifecycle",
    imports: [...shared, "domain/outgoing", "domain/email", "domain/mail"],
    packages: pure,
  },
  {
    path: "domain/records",
    holds: "users, tasks, their changes, the effects that follow",
    imports: [
      ...shared,
      "domain/text.ts",
      "domain/idempotency.ts",
      "domain/links",
      "domain/email",
      "domain/mail",
      "domain/notifications",
    ],
    packages: pure,
  },
  {
    path: "domain/batches",
    holds: "what a batch is: operations it runs, items, codes, results",
    imports: ["lib", domain],
    packages: pure,
  },
  {
    path: "variables.ts",
    holds: "readers of single variables, and what is said of one that cannot be read",
    imports: [],
    packages: pure,
  },
  {
    path: "env.ts",
    holds: "variables, read and checked once, with defaults and units",
    imports: ["lib", domain, "variables.ts"],
    packages: pure,
  },
  {
    path: "storage",
    holds: "one module a store: tables, append-only migrations, the keyspace at its head",
    imports: ["lib", domain],
    packages: pure,
  },
  {
    path: "runtime",
    holds: "the platform's side: fetch, clock, cache, assets, calls of objects",
    imports: [...belowStorage, "storage"],
    packages: [...pure, "uuid", "cloudflare:*", "node:zlib"],
  },
  {
    path: "durable-objects",
    holds: "load → decide → save → carry out, nothing else",
    imports: belowHttp,
    packages: [...pure, "uuid", "cloudflare:*"],
  },
  {
    path: "http",
    holds: "routes defined and served, bodies, problems, CORS, access, conditional requests",
    imports: [
      "lib",
      "domain/errors.ts",
      "domain/platform.ts",
      "domain/inspect-json.ts",
      "domain/idempotency.ts",
      "domain/callers",
      "variables.ts",
      "env.ts",
      "runtime",
      "../dist/rate-limit.json",
    ],
    packages: [...pure, "itty-router", "uuid"],
  },
  {
    path: "routes",
    holds: "a folder per resource, a file per route; `index.ts` is the list all else is made from",
    imports: [...belowRoutes, "../package.json"],
    packages: pure,
    unread: ["docs"],
    hasFolders: true,
  },
  {
    path: "reference",
    holds: "build time only: OpenAPI, explanations, catalogue, the data files",
    imports: [...belowRoutes, "routes", "../package.json", "../dist/rate-limit.json"],
    packages: [
      ...pure,
      "@valibot/to-json-schema",
      "character-entities",
      "character-entities-legacy",
      "disposable-email-domains-js",
      "any-ascii",
      "slugify",
    ],
  },
  {
    path: "app.ts",
    holds: "the way of a request, in order",
    imports: [...belowRoutes, "routes"],
    packages: [],
  },
  {
    path: "worker.ts",
    holds: "what the runtime finds: the default export and the Durable Objects",
    imports: [...belowRoutes, "routes", "app.ts"],
    packages: ["cloudflare:*"],
  },
  {
    path: "client",
    holds: "the client for browsers and Node",
    imports: ["lib"],
    types: ["routes", "domain/platform.ts", "valibot"],
    packages: [],
  },
  {
    path: "cli",
    holds: "the command line",
    imports: ["lib", "client", "../package.json"],
    types: ["routes"],
    packages: ["node:*"],
    hasFolders: true,
  },
  {
    path: "console",
    holds: "the page to try everything on",
    imports: ["lib", "client"],
    types: ["routes"],
    packages: ["preact"],
    hasFolders: true,
  },
];

/**
 * Files that may do more than their room, for the time being: import these rooms and packages, hold
 * impure code, be long. One that needs its exception no more is refused.
 */
export const exceptions = [{ file: "lib/with-stand-ins.ts", isImpure: true }];

/** Globals that `lib` and `domain` must get as arguments: clocks, randomness, the network, the deployment. */
export const impure = {
  globals: words(
    "fetch Request Response WebSocket EventSource XMLHttpRequest caches",
    "setTimeout setInterval setImmediate scheduler performance",
    "globalThis self window global env process navigator require",
  ),
  properties: words(
    "Date.now Temporal.Now AbortSignal.timeout",
    "Math.random crypto.randomUUID crypto.getRandomValues",
  ),
  types: words("Env Cloudflare.Env ExecutionContext KVNamespace DurableObjectStub SqlStorage"),
  /** In `domain` alone: a `Date` may be now. What is needed of it is in `lib/iso-time.ts`. */
  domainGlobals: ["Date"],
};

function words(...lines) {
  return lines.flatMap((line) => line.split(" "));
}
