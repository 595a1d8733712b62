// The published copy of a table in KV, for other Workers to read and to fill a table from. Nothing is decided
// from it. Keyspace: see users.ts and tasks.ts.
import type { TableDefinition } from "./table-definition";

/** Keys of one bulk read (KV limit). */
const BULK_READ_KEYS = 100;

/** Records read from KV, and the cursor of the next page; null at the end. */
export interface KvPage {
  readonly values: readonly unknown[];
  readonly cursor: string | null;
}

/** KV operations that one page costs. */
export const PAGE_OPERATIONS = 2;

/** The copy of one table, in a namespace of its own. */
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

  /**
   * Returns a function that writes one of these records, or deletes any other key: one operation.
   *
   * @param records JSON by id; one that cannot be read holds up itself alone
   */
  publisher(records: ReadonlyMap<string, string>): (id: string) => Promise<void> {
    return async (id) => {
      const json = records.get(id);
      if (json === undefined) return this.#namespace.delete(id);
      const { shown, summary } = this.#definition.published(this.#definition.parse(json));
      return this.#namespace.put(id, JSON.stringify(shown), { metadata: summary });
    };
  }

  /** Reads up to a hundred records in order of their ids: PAGE_OPERATIONS operations. */
  async page(cursor: string | null): Promise<KvPage> {
    const listing = await this.#namespace.list({ limit: BULK_READ_KEYS, cursor });
    const names = listing.keys.map(({ name }) => name);
    // A page in the middle may have no keys, and KV refuses a bulk read of none.
    const values =
      names.length === 0 ? [] : [...(await this.#namespace.get(names, "json")).values()];
    return {
      values: values.filter((value) => value !== null),
      cursor: listing.list_complete ? null : listing.cursor,
    };
  }
}
