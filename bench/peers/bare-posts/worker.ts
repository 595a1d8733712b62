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
  readonly KEEPERS: { getByName(name: string): KeeperStub };
  readonly DNS_RESOLVER_URL: string;
}

/** Every call to an object is one over the network. */
interface KeeperStub {
  create(record: object, id: string, kind: "USERS" | "TASKS"): Promise<boolean>;
  submit(items: readonly string[]): Promise<void>;
  run(): Promise<void>;
}

interface Background {
  waitUntil(task: Promise<unknown>): void;
}

/** Keeps a record or a batch in an object of its own. */
export class Keeper extends DurableObject<Bindings> {
  /** Keeps a record unless there is one, and brings it to KV. */
  async create(record: object, id: string, kind: "USERS" | "TASKS"): Promise<boolean> {
    if (this.ctx.storage.kv.get("record") !== undefined) return false;
    this.ctx.storage.kv.put("record", record);
    await this.env[kind].put(id, JSON.stringify(record));
    return true;
  }

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
  "/users": async (body, env) => {
    const email = String(body["email"]);
    const domain = email.slice(email.lastIndexOf("@") + 1);
    const answer = await fetch(`${env.DNS_RESOLVER_URL}?name=${domain}&type=MX`);
    const { Status } = (await answer.json()) as { Status: number };
    return Status === 3 ? new Response(null, { status: 422 }) : create(body, email, env, "USERS");
  },

  "/tasks": (body, env) => create({ ...body, status: "pending" }, null, env, "TASKS"),

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

async function create(
  body: Record<string, unknown>,
  name: string | null,
  { KEEPERS }: Bindings,
  kind: "USERS" | "TASKS",
): Promise<Response> {
  const record = { id: crypto.randomUUID(), ...body, created_at: new Date().toISOString() };
  const isNew = await KEEPERS.getByName(name ?? record.id).create(record, record.id, kind);
  return Response.json(record, { status: isNew ? 201 : 409 });
}
