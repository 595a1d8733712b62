// Costs of each request, counted inside the runtime and compared with the table that `npm run cost` prints.
import { afterEach, beforeEach, it, vi } from "vitest";
import README from "../README.md?raw";
import { renderFreePlan } from "../bench/free-plan";
import { COSTS, NOTHING, type Operations } from "../bench/cost-table";
import { GUARD_MS } from "../src/domain/records/outbox-drain";
import { systemClock } from "../src/runtime/clock";
import { insertTasks, insertUsers, someTask, someUser } from "./support/records";
import { FRIENDLY, simulate, type World } from "./simulator";
import { insertEntries, someEntry } from "./support/register";
import { HAS_MAIL_SERVER } from "./support/users";
import { AUTHORIZATION, post, send } from "./support/worker";

/** Later than a table looks after its commits, and a key of KV takes another write. */
const AFTERWARDS_MS = 2 * GUARD_MS;
/** Later than keys are kept, and earlier than batches are. */
const KEYS_EXPIRED_MS = 2 * 24 * 60 * 60_000;
/** Later than anything is kept. */
const ALL_EXPIRED_MS = 60 * 24 * 60 * 60_000;

let world: World;
beforeEach(() => {
  world = simulate(FRIENDLY);
  world.answer(({ url }) => upstream(new URL(url)));
  // The clock stands still, since a job saves its progress once a second: a slow machine would write more
  // rows.
  vi.spyOn(systemClock, "now").mockReturnValue(0);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.end();
});

interface Case {
  /** Creates, uncounted, what the request needs. Returns an id for `call`. */
  readonly prepare?: () => Promise<string>;
  readonly call: (id: string) => Promise<unknown>;
}

function upstream({ pathname }: URL): Response {
  return pathname === "/dns-query" ? Response.json(HAS_MAIL_SERVER) : Response.json({});
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const isText = typeof body === "string";
  const type = isText ? "application/x-ndjson" : "application/json";
  const response = await send(path, {
    method,
    headers: { ...AUTHORIZATION, "Content-Type": type, ...headers },
    ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return text;
}

async function create(path: string, body: unknown): Promise<string> {
  const { id }: { id: string } = JSON.parse(await call("POST", path, body));
  return id;
}

/** Rings the alarms that are left of jobs and keys, as when all they keep has expired. */
async function expireAll(): Promise<void> {
  await world.settled();
  for (const ms of [KEYS_EXPIRED_MS, ALL_EXPIRED_MS]) {
    world.advance(ms);
    await world.runAlarms("JOBS", "TABLES");
  }
}

async function batch(body: unknown, path = "/batch-process"): Promise<void> {
  await call("POST", path, body);
  await expireAll();
}

const PERSON = { name: "Ada", email: "ada@example.com" };
const TASK = { title: "Call back" };
const KEY = { "Idempotency-Key": "once" };
const many = <T>(count: number, item: (n: number) => T) =>
  Array.from({ length: count }, (_, n) => item(n));
const texts = (count: number) => many(count, (n) => `item ${n}`);
const lines = (count: number) =>
  texts(count)
    .map((text) => JSON.stringify(text))
    .join("\n");
const url = (n: number) => `https://up.example/?n=${n}`;
const aUser = () => create("/users", PERSON);
const aTask = () => create("/tasks", TASK);

/** A task of somebody without a token, who has these budgets. */
async function fileUnknown(budgets = "", status = 201, headers = {}): Promise<void> {
  const response = await post("/tasks", TASK, headers, { ANONYMOUS_DAILY: budgets });
  if (response.status !== status) throw new Error(`${response.status} ${await response.text()}`);
}

/** Those of cost.sign-ups.test.ts, in whose deployment mails are sent. */
type WithMail =
  | "POST /users, to be confirmed, with its mail"
  | "GET and POST /users/confirm"
  | "GET and POST /users/unsubscribe";

const CASES: Record<Exclude<keyof typeof COSTS, WithMail>, Case> = {
  "GET /health": { call: () => call("GET", "/health") },
  "POST /process-data": {
    call: () => call("POST", "/process-data", { items: ["a"], operation: "trim" }),
  },
  "POST /external-api, three calls": {
    call: () => call("POST", "/external-api", { urls: many(3, url) }),
  },

  "POST /users": { call: () => aUser() },
  "POST /users, with an Idempotency-Key": {
    call: async () => {
      await call("POST", "/users", PERSON, KEY);
      await expireAll();
    },
  },
  "GET /users/<id>": { prepare: aUser, call: (id) => call("GET", `/users/${id}`) },
  "GET /users, a page of fifty": {
    prepare: () => insertUsers(many(60, (n) => someUser(n))).then(() => ""),
    call: () => call("GET", "/users"),
  },
  "GET /users?email=": {
    prepare: aUser,
    call: () => call("GET", `/users?email=${PERSON.email}`),
  },
  "PATCH /users/<id>": {
    prepare: aUser,
    call: (id) => call("PATCH", `/users/${id}`, { name: "Eve" }),
  },
  "DELETE /users/<id>": { prepare: aUser, call: (id) => call("DELETE", `/users/${id}`) },

  "POST /tasks": { call: () => aTask() },
  "POST /tasks, with an assignee": {
    prepare: aUser,
    call: (assignee_id) => create("/tasks", { ...TASK, assignee_id }),
  },
  "POST /tasks, one webhook told": {
    call: async () => {
      await create("/tasks", { ...TASK, notify: ["hook"] });
      await expireAll();
    },
  },
  "POST /tasks, without a token": {
    prepare: () => fileUnknown().then(() => ""),
    call: () => fileUnknown(),
  },
  "POST /tasks, the first of a day without a token": {
    call: async () => {
      await fileUnknown();
      await expireAll();
    },
  },
  "POST /tasks, refused on a day that is spent": {
    prepare: () => fileUnknown().then(() => ""),
    call: () => fileUnknown("items=1", 429),
  },
  "POST /tasks, refused with an Idempotency-Key on a day that is spent": {
    prepare: () => fileUnknown().then(() => ""),
    call: () => fileUnknown("items=1", 429, KEY),
  },
  "GET /tasks/<id>": { prepare: aTask, call: (id) => call("GET", `/tasks/${id}`) },
  "GET /tasks, a page of fifty": {
    prepare: () => insertTasks(many(60, (n) => someTask(n))).then(() => ""),
    call: () => call("GET", "/tasks?status=pending"),
  },
  "PATCH /tasks/<id>": {
    prepare: aTask,
    call: (id) => call("PATCH", `/tasks/${id}`, { priority: "high" }),
  },
  "DELETE /tasks/<id>": { prepare: aTask, call: (id) => call("DELETE", `/tasks/${id}`) },

  "POST /batch-process, 100 texts": { call: () => batch({ operation: "trim", items: texts(100) }) },
  "POST /batch-process, 1,000 texts": {
    call: () => batch({ operation: "trim", items: texts(1000) }),
  },
  "POST /batch-process, 10,000 texts": {
    call: () => batch({ operation: "trim", items: texts(10_000) }),
  },
  "POST /batch-process, 100,000 texts": {
    call: () => batch(lines(100_000), "/batch-process?operation=trim"),
  },
  "POST /batch-process, 100 calls": {
    call: () => batch({ operation: "external-api", items: many(100, url) }),
  },
  "POST /batch-process, 100 users": {
    call: () =>
      batch({
        operation: "users",
        items: many(100, (n) => ({ name: "Ada", email: `ada${n}@example.com` })),
      }),
  },
  "POST /batch-process, one user, with an Idempotency-Key": {
    call: async () => {
      await call("POST", "/batch-process", { operation: "users", items: [PERSON] }, KEY);
      await expireAll();
    },
  },
  "POST /batch-process, 100 tasks": {
    call: () => batch({ operation: "tasks", items: many(100, () => TASK) }),
  },
  "GET /batch-process, a page of fifty": {
    prepare: () => insertEntries(many(60, (n) => someEntry(n))).then(() => ""),
    call: () => call("GET", "/batch-process?status=completed"),
  },
  "DELETE /batch-process, ten batches": {
    prepare: async () => {
      for (let n = 0; n < 10; n += 1)
        await create("/batch-process", { operation: "trim", items: texts(10) });
      return "";
    },
    call: () => call("DELETE", "/batch-process?status=completed&before=2099-01-01T00:00:00Z"),
  },
  "GET /batch-process/<id>": {
    prepare: () => create("/batch-process", { operation: "trim", items: texts(10) }),
    call: (id) => call("GET", `/batch-process/${id}`),
  },
};

it.for(Object.entries(CASES))(
  "%s costs what the table says",
  async ([name, { prepare, call: run }], { expect }) => {
    // A table, and a channel, is made once in its life.
    for (const path of ["/users", "/tasks", "/batch-process", "/notifications?channel=hook"])
      await call("GET", path);
    const id = (await prepare?.()) ?? "";
    // Nothing of it is left.
    await world.elapse(AFTERWARDS_MS);
    world.resetCounts();
    await run(id);
    await world.settled();
    world.advance(AFTERWARDS_MS);
    await world.runAlarms("TABLES");
    const expected: Operations = { ...NOTHING, ...COSTS[name as keyof typeof COSTS] };
    expect(world.counts()).toMatchObject(expected);
  },
);

it("README.md says what a day of the free plan carries: `npm run cost -- --readme`", ({
  expect,
}) => {
  expect(README).toContain(renderFreePlan());
});
