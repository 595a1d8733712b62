// The other four endpoints at their barest: the same work for a good request, with the same number of
// objects and writes, and nothing else. No checks, no retries, no effects that outlive a crash.
import { DurableObject } from "cloudflare:workers";

/** The part of KV that is used. */
interface Kv {
  put(key: string, value: string): Promise<void>;
}

interface Bindings {
  readonly USERS: Kv;
  readonly TASKS: Kv;
  readonly ROWS: { getByName(name: string): RowsStub };
  readonly KEEPERS: { getByName(name: string): KeeperStub };
  readonly DNS_RESOLVER_URL: string;
}

/** Every call to an object is one over the network. */
interface RowsStub {
  insert(key: string, record: string): Promise<boolean>;
}

interface KeeperStub {
  submit(items: readonly string[]): Promise<void>;
  run(): Promise<void>;
}

interface Background {
  waitUntil(task: Promise<unknown>): void;
}

/** Keeps all records of a kind, a row each. */
export class Rows extends DurableObject<Bindings> {
  readonly #sql = this.ctx.storage.sql;

  constructor(ctx: unknown, env: Bindings) {
    super(ctx, env);
    this.#sql.exec("CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, record TEXT)");
  }

  /** Keeps a record unless there is one of this key. */
  insert(key: string, record: string): boolean {
    return (
      this.#sql.exec("INSERT OR IGNORE INTO records VALUES (?, ?)", key, record).rowsWritten > 0
    );
  }
}

/** Keeps a batch in an object of its own. */
export class Keeper extends DurableObject<Bindings> {
  submit(items: readonly string[]): void {
    this.ctx.storage.kv.put("items", items);
  }

  run(): void {
    const items = this.ctx.storage.kv.get("items");
    const results = Array.isArray(items) ? items.map((item) => String(item).toUpperCase()) : [];
    this.ctx.storage.kv.put("results", results);
  }
}

type Handler = (body: Record<string, unknown>, env: Bindings, ctx: Background) => Promise<Response>;

const HANDLERS: Readonly<Record<string, Handler>> = {
  "/users": async (body, env, ctx) => {
    const email = String(body["email"]);
    const domain = email.slice(email.lastIndexOf("@") + 1);
    const answer = await fetch(`${env.DNS_RESOLVER_URL}?name=${domain}&type=MX`);
    const { Status } = (await answer.json()) as { Status: number };
    if (Status === 3) return new Response(null, { status: 422 });
    return create(body, email, { rows: env.ROWS.getByName("users"), kv: env.USERS, ctx });
  },

  "/tasks": (body, env, ctx) => {
    const task = { ...body, status: "pending" };
    return create(task, null, { rows: env.ROWS.getByName("tasks"), kv: env.TASKS, ctx });
  },

  "/external-api": async ({ urls }) => {
    const list = Array.isArray(urls) ? urls.map(String) : [];
    const settled = await Promise.allSettled(list.map((url) => fetch(url).then((r) => r.json())));
    const results = settled.map((outcome) =>
      outcome.status === "fulfilled" ? { status: "fulfilled", body: outcome.value } : outcome,
    );
    return Response.json({ total: results.length, results });
  },

  "/batch-process": async ({ items }, { KEEPERS }, ctx) => {
    const id = crypto.randomUUID();
    const texts = Array.isArray(items) ? items.map(String) : [];
    const keeper = KEEPERS.getByName(id);
    await keeper.submit(texts);
    ctx.waitUntil(keeper.run());
    return Response.json({ id, total: texts.length }, { status: 202 });
  },
};

export default {
  async fetch(request: Request, env: Bindings, ctx: Background): Promise<Response> {
    const handler = HANDLERS[new URL(request.url).pathname];
    if (request.method !== "POST" || handler === undefined) {
      return new Response("Not found", { status: 404 });
    }
    return handler(await request.json(), env, ctx);
  },
};

/** @param key under which a record is unique; null for its id */
async function create(
  body: Record<string, unknown>,
  key: string | null,
  { rows, kv, ctx }: { rows: RowsStub; kv: Kv; ctx: Background },
): Promise<Response> {
  const record = { id: crypto.randomUUID(), ...body, created_at: new Date().toISOString() };
  const json = JSON.stringify(record);
  if (!(await rows.insert(key ?? record.id, json))) return new Response(null, { status: 409 });
  ctx.waitUntil(kv.put(record.id, json));
  return new Response(json, { status: 201, headers: { "Content-Type": "application/json" } });
}
