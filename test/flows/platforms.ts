// Flows run twice: on the local platform's friendliness and on the platform as it really is. Both stand
// behind the same bindings, so a flow does not know which one it meets.
import { exports } from "cloudflare:workers";
import { afterEach, beforeEach, describe, vi } from "vitest";
import * as v from "valibot";
import { mapConcurrently } from "../../src/lib/map-concurrently";
import { FRIENDLY, simulate, type World } from "../simulator";
import { HAS_MAIL_SERVER } from "../support/users";
import { AUTHORIZATION, ORIGIN, send } from "../support/worker";

const REAL = { platform: "the platform as it is", conditions: {} };
const PLATFORMS = [{ platform: "the friendly platform", conditions: FRIENDLY }, REAL];

type Tests = (worldOfTest: () => World) => void;

/** Defines tests once for each platform. They ask for the world that they run in. */
export function onEachPlatform(tests: Tests): void {
  defineOn(PLATFORMS, tests);
}

/** Defines tests on the platform as it is alone, for what the friendly one cannot show. */
export function onTheRealPlatform(tests: Tests): void {
  defineOn([REAL], tests);
}

function defineOn(platforms: readonly (typeof REAL)[], tests: Tests): void {
  // A group of their own, since the hooks of a file would make a world for its other tests as well.
  describe.each(platforms)("on $platform", ({ conditions }) => {
    let world: World;
    beforeEach(() => {
      world = simulate(conditions);
      answerEverything(world);
    });
    afterEach(() => world.end());
    tests(() => world);
  });
}

/** Every domain takes mail, and every receiver takes what it is sent. */
function answerEverything(world: World): void {
  world.answer(({ url }) =>
    new URL(url).pathname === "/dns-query"
      ? Response.json(HAS_MAIL_SERVER)
      : new Response(null, { status: 204 }),
  );
}

/** A kind of record, as its routes see it. */
export interface Kind {
  readonly kind: "users" | "tasks";
  readonly binding: "USERS" | "TASKS";
  /** A body that no other record is made of. */
  readonly body: () => Record<string, unknown>;
  /** The field that changes in these tests. */
  readonly field: "name" | "title";
}

let count = 0;

/** Users, as the flows that both kinds go through need them. */
export const USERS: Kind = {
  kind: "users",
  binding: "USERS",
  body: () => ({ name: "Ada", email: `flow-${(count += 1)}@example.com` }),
  field: "name",
};

/** Tasks. */
export const TASKS: Kind = {
  kind: "tasks",
  binding: "TASKS",
  body: () => ({ title: `Flow ${(count += 1)}` }),
  field: "title",
};

/** Both kinds of records. */
export const KINDS = [USERS, TASKS];

const Shown = v.looseObject({ id: v.string(), version: v.number() });
/** A record of either kind, as GET shows it. */
export type Shown = v.InferOutput<typeof Shown>;

/** A request with a token and, where there is one, a JSON body. */
export function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const hasBody = body !== undefined;
  return send(path, {
    method,
    headers: {
      ...AUTHORIZATION,
      ...(hasBody && { "Content-Type": "application/json" }),
      ...headers,
    },
    ...(hasBody && { body: JSON.stringify(body) }),
  });
}

/** The record in a reply, which must have the wanted status. */
export async function shownIn(response: Response, status: number): Promise<Shown> {
  return v.parse(Shown, JSON.parse(await textIn(response, status)));
}

/** The text of a reply, which must have the wanted status. */
export async function textIn(response: Response, status: number): Promise<string> {
  const text = await response.text();
  if (response.status === status) return text;
  throw new Error(`Expected ${status}, got ${response.status}: ${text}`);
}

/** Makes a record, and fails unless that is a 201. */
export async function create({ kind, body }: Kind, fields: object = {}): Promise<Shown> {
  return shownIn(await call("POST", `/${kind}`, { ...body(), ...fields }), 201);
}

const Page = v.object({
  next_cursor: v.nullable(v.string()),
  users: v.optional(v.array(Shown)),
  tasks: v.optional(v.array(Shown)),
});

/** The entries of a list, page after page of so many. */
export async function list(kind: Kind["kind"], query = "", limit = 10): Promise<Shown[]> {
  const entries: Shown[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = await textIn(
      await call("GET", `/${kind}?limit=${limit}&${query}&cursor=${encodeURIComponent(cursor)}`),
      200,
    );
    const parsed = v.parse(Page, JSON.parse(page));
    entries.push(...(parsed[kind] ?? []));
    cursor = parsed.next_cursor;
  }
  return entries;
}

/** Makes many records at once, so many of them in flight. Fails unless all are 201. */
export async function createMany(
  { kind, body }: Kind,
  total: number,
  inFlight = 50,
): Promise<string[]> {
  // A line of log for each would take longer than they do.
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const ids = await mapConcurrently(
    Array.from({ length: total }, body),
    inFlight,
    async (fields) => {
      // Not by `send`, which holds each reply against the OpenAPI document.
      const response = await exports.default.fetch(`${ORIGIN}/${kind}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(fields),
      });
      return (await shownIn(response, 201)).id;
    },
  );
  log.mockRestore();
  return ids;
}

/** The ids in an export. */
export async function exportedIds(kind: Kind["kind"], mediaType: string): Promise<string[]> {
  const text = await textIn(await call("GET", `/${kind}`, undefined, { Accept: mediaType }), 200);
  const lines = text.trim().split(/\r?\n/);
  return mediaType === "text/csv"
    ? lines.slice(1).map((line) => line.slice(0, line.indexOf(",")))
    : lines.filter((line) => line !== "").map((line) => v.parse(Shown, JSON.parse(line)).id);
}
