// The published copy of a table in KV: for other Workers to read, and to fill a table from. Nothing is
// decided from it. Keyspace: see users.ts and tasks.ts.
import type { TableDefinition } from "./table-definition";

/** Keys that one bulk read takes (KV limit). */
const BULK_READ_KEYS = 100;

/** Records as KV has them, and where the list goes on; null at its end. */
export interface KvPage {
  readonly values: readonly unknown[];
  readonly cursor: string | null;
}

/** KV operations that a page costs. */
export const PAGE_OPERATIONS = 2;

/** One namespace. */
export class KvCopy<Stored extends { readonly id: string }> {
  readonly #namespace: KVNamespace;
  readonly #definition: Pick<TableDefinition<Stored, never>, "parse" | "published">;

  constructor(
    namespace: KVNamespace,
    definition: Pick<TableDefinition<Stored, never>, "parse" | "published">,
  ) {
    this.#namespace = namespace;
    this.#definition = definition;
  }

  /** Brings a key to a record's JSON, or to nothing where that is null: one operation. */
  bringTo(id: string, json: string | null): Promise<void> {
    if (json === null) return this.#namespace.delete(id);
    const { shown, summary } = this.#definition.published(this.#definition.parse(json));
    return this.#namespace.put(id, JSON.stringify(shown), { metadata: summary });
  }

  /** A hundred records in order of their ids: PAGE_OPERATIONS operations. */
  async page(cursor: string | null): Promise<KvPage> {
    const listing = await this.#namespace.list({ limit: BULK_READ_KEYS, cursor });
    const names = listing.keys.map(({ name }) => name);
    // KV refuses to read no keys, and a page in the middle may be empty.
    const values =
      names.length === 0 ? [] : [...(await this.#namespace.get(names, "json")).values()];
    return {
      values: values.filter((value) => value !== null),
      cursor: listing.list_complete ? null : listing.cursor,
    };
  }
}
