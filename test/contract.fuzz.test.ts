// Requests at random, made of the documentation's own examples: whatever comes, nothing fails, every reply is
// as the OpenAPI document says (`send` checks that), and nothing is accepted that its schema refuses.
import { afterEach, beforeEach, it } from "vitest";
import { documentedRoutes, type DocumentedRoute } from "../src/reference/documented-routes";
import { receive } from "./support/tasks";
import { mayHaveBody } from "./support/openapi";
import { createRandom, type Random } from "./support/random";
import { HAS_MAIL_SERVER, restoreWorld } from "./support/users";
import { AUTHORIZATION, send } from "./support/worker";

const REQUESTS = 2000;
/** Another seed, other requests: `FUZZ_SEED` in the test's environment would need the file to be built anew. */
const SEED = 20_261_128;

const METHODS = ["GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"];
const MEDIA_TYPES = ["application/json", "text/csv", "application/x-ndjson", "text/plain", ""];
const ACCEPTS = ["*/*", "text/csv", "application/x-ndjson", "text/html;q=0.5", "a,b;;q=2"];
const TEXTS = [
  "",
  "x",
  "\u200b",
  "\u202e",
  "é".repeat(300),
  "2026-11-28T00:00:00Z",
  "none",
  "-1",
  "1e400",
];
const HEADERS: readonly [string, string][] = [
  ["If-Match", '"1"'],
  ["If-Match", "nonsense"],
  ["If-None-Match", "*"],
  ["Idempotency-Key", "k"],
  ["Idempotency-Key", "a".repeat(300)],
  ["Prefer", "wait=0"],
  ["Prefer", "wait=soon"],
  ["Origin", "https://site.example"],
  ["Origin", "null"],
  ["CDN-Loop", "serentak"],
  ["Last-Event-ID", "x"],
  ["Authorization", "Bearer wrong"],
];
const VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  1.5,
  2 ** 53 + 2,
  "",
  "x",
  [],
  {},
  [[]],
  { a: 1 },
];

/** Upstreams of /external-api came to nothing; the request came from ourselves. */
const NOT_OURS: ReadonlySet<number> = new Set([502, 508]);

beforeEach(() => void receive(() => Response.json(HAS_MAIL_SERVER)));
afterEach(restoreWorld);

function pick<T>(chance: Random, list: readonly T[]): T {
  const entry = list[chance.between(0, list.length - 1)];
  if (entry === undefined && list.length === 0) throw new RangeError("Nothing to pick");
  return entry as T;
}

/** A JSON value with something in it changed, added or taken away. */
function mutate(value: unknown, chance: Random): unknown {
  if (typeof value !== "object" || value === null || chance.chance(0.2))
    return pick(chance, VALUES);
  const entries = Object.entries(value);
  const at = chance.between(0, Math.max(0, entries.length - 1));
  if (entries.length === 0 || chance.chance(0.15)) entries.push(["unknown", pick(chance, VALUES)]);
  else if (chance.chance(0.3)) entries.splice(at, 1);
  else entries[at] = [entries[at]?.[0] ?? "", mutate(entries[at]?.[1], chance)];
  return Array.isArray(value) ? entries.map(([, entry]) => entry) : Object.fromEntries(entries);
}

function pathOf(route: DocumentedRoute, params: Readonly<Record<string, string>>, chance: Random) {
  return route.path.replaceAll(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent((chance.chance(0.1) && pick(chance, TEXTS)) || (params[name] ?? "x")),
  );
}

function searchOf(given: Readonly<Record<string, string>> | undefined, chance: Random): string {
  const query = new URLSearchParams(given);
  const names = [...query.keys(), "limit", "q", "staus"];
  if (chance.chance(0.3)) query.append(pick(chance, names), pick(chance, TEXTS));
  return query.size === 0 ? "" : `?${query.toString()}`;
}

function headersOf(given: Readonly<Record<string, string>>, chance: Random): Headers {
  const headers = new Headers({ ...(chance.chance(0.8) && AUTHORIZATION), ...given });
  if (chance.chance(0.3)) headers.set(...pick(chance, HEADERS));
  if (chance.chance(0.3)) headers.set("Accept", pick(chance, ACCEPTS));
  return headers;
}

/** What is sent, and the same as a JSON value where it is one. */
function bodyOf(written: unknown, usual: string, headers: Headers, chance: Random) {
  const isText = typeof written === "string";
  const body = chance.chance(0.6) && !isText ? mutate(written, chance) : written;
  const mediaType = chance.chance(0.1) ? pick(chance, MEDIA_TYPES) : usual;
  if (mediaType !== "") headers.set("Content-Type", mediaType);
  const text = isText ? written : JSON.stringify(body);
  return { text, json: mediaType === "application/json" && !isText ? body : undefined };
}

function requestOf(route: DocumentedRoute, chance: Random) {
  const example = pick(chance, route.examples);
  const path = pathOf(route, example.params ?? {}, chance);
  const search = searchOf(example.query, chance);
  const method = chance.chance(0.1) ? pick(chance, METHODS) : route.method;
  const headers = headersOf(example.headers ?? {}, chance);
  if (method === "GET" || method === "HEAD")
    return { path, search, init: { method, headers }, body: undefined };
  const { mediaType = "application/json" } = example;
  const { text, json } = bodyOf(example.body, mediaType, headers, chance);
  const init = { method, headers, ...(text !== undefined && { body: text }) };
  return { path, search, init, body: json };
}

it(
  `${REQUESTS} requests at random (seed ${SEED}) meet no fault of ours, and nothing that is not documented`,
  {
    timeout: 180_000,
  },
  async ({ expect }) => {
    const chance = createRandom(SEED);
    const statuses = new Map<number, number>();
    for (let count = 0; count < REQUESTS; count += 1) {
      const { path, search, init, body } = requestOf(pick(chance, documentedRoutes), chance);
      const what = `request ${count}: ${init.method} ${path}${search} ${JSON.stringify(body)}`;
      const response = await send(path + search, init).catch((error: unknown) => {
        throw new Error(`${what}: ${String(error)}`, { cause: error });
      });
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (!NOT_OURS.has(response.status)) expect(response.status, what).toBeLessThan(500);
      if (response.ok && body !== undefined)
        expect(mayHaveBody(init.method, path, body), what).toBe(true);
      await response.body?.cancel();
    }
    // Both doors were tried: what is right goes in, what is wrong is told.
    for (const status of [200, 201, 202, 400, 401, 404, 422])
      expect(statuses.get(status) ?? 0).toBeGreaterThan(0);
  },
);
