// Everything that is stored anywhere, as texts to search.
import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";

const BINDINGS = [
  "TABLES",
  "JOBS",
  "CHANNEL_QUEUES",
  "RECORD_WRITERS",
  "IDEMPOTENCY_KEYS",
] as const;

/** Everything that any object has stored, as text with its kind of object. */
export async function storedRows(): Promise<string[]> {
  const found: string[] = [];
  for (const binding of BINDINGS) {
    const namespace: DurableObjectNamespace = env[binding];
    for (const id of await listDurableObjectIds(namespace)) {
      const rows = await runInDurableObject(namespace.get(id), async (_, { storage }) => {
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
