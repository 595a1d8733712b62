// The published copy of a table in KV, for other Workers to read and to fill a table from. Nothing is decided
// from it. Keyspace: see users.ts and tasks.ts.
import type { Publication } from "../domain/records/outbox";
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

  /** Writes a record, or deletes the key of one that is no more: one operation. */
  async publish({ recordId, record }: Pick<Publication, "recordId" | "record">): Promise<void> {
    if (record === null) return this.#namespace.delete(recordId);
    const { shown, summary } = this.#definition.published(this.#definition.parse(record));
    return this.#namespace.put(recordId, JSON.stringify(shown), { metadata: summary });
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
