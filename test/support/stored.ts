// Everything that is stored anywhere, as texts to search.
import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";

const BINDINGS = ["JOBS", "CHANNEL_QUEUES", "RECORD_WRITERS", "IDEMPOTENCY_KEYS"] as const;
/** Tables, which need their names; those of upstreams count calls. */
const TABLES = ["users", "tasks", "batches", "callers"];

async function allObjects(): Promise<(readonly [string, DurableObjectStub])[]> {
  const found = TABLES.map((name) => ["TABLES", env.TABLES.getByName(name)] as const);
  const others = BINDINGS.map(async (binding) => {
    const namespace: DurableObjectNamespace = env[binding];
    const ids = await listDurableObjectIds(namespace);
    return ids.map((id) => [binding, namespace.get(id)] as const);
  });
  return [...found, ...(await Promise.all(others)).flat()];
}

/** Everything that any object has stored, as text with its kind of object. */
export async function storedRows(): Promise<string[]> {
  const found: string[] = [];
  for (const [binding, object] of await allObjects()) {
    const rows = await runInDurableObject(object, async (_, { storage }) => {
      const tables = storage.sql
        .exec<{ name: string }>("SELECT name FROM sqlite_schema WHERE type = 'table'")
        .toArray()
        .map(({ name }) => name)
        .filter((name) => !name.startsWith("_cf_"));
      const all = tables.flatMap((name) =>
        storage.sql
          .exec(`SELECT * FROM "${name}"`)
          .toArray()
          .map((row) => [name, row]),
      );
      const pairs = await storage.list();
      return [...all, ...pairs].map((row) => JSON.stringify(row));
    });
    found.push(...rows.map((row) => `${binding}: ${row}`));
  }
  return found;
}

/** Everything that KV holds, as text. */
export async function publishedRecords(): Promise<string[]> {
  const found: string[] = [];
  for (const namespace of [env.USERS, env.TASKS]) {
    for (const { name } of (await namespace.list()).keys)
      found.push(JSON.stringify([name, await namespace.getWithMetadata(name)]));
  }
  return found;
}
