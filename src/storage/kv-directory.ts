// Records in KV, where everyone reads them: replicated, cheap, and up to a minute stale. Only record
// writers write here, and nothing is decided from what stands here.
//
// Keyspace, one namespace a kind (USERS, TASKS): key = the record's id, a UUIDv7, so that a listing is
// in order of creation; value = the record as JSON; metadata = its list entry, within the 1,024 bytes
// that KV allows, so that a page costs one list operation and no reads; lifetime = until deleted.

/** KV's limit for keys in one bulk read. */
const BULK_READ_KEYS = 100;

/** A page of list entries. `cursor` is null at the end. */
export interface Page<Summary> {
  readonly entries: readonly Summary[];
  readonly cursor: string | null;
}

/** A cursor that KV does not know. */
export class CursorError extends Error {
  override readonly name = "CursorError";
}

/** One kind of record in KV. */
export class KvDirectory<Value extends { readonly id: string }, Summary> {
  readonly #namespace: KVNamespace;
  readonly #summarize: (value: Value) => Summary;

  constructor(namespace: KVNamespace, summarize: (value: Value) => Summary) {
    this.#namespace = namespace;
    this.#summarize = summarize;
  }

  /** The record, or null where there is none, or not yet here. */
  get(id: string): Promise<Value | null> {
    return this.#namespace.get<Value>(id, "json");
  }

  /** One write operation. */
  put(value: Value): Promise<void> {
    return this.#namespace.put(value.id, JSON.stringify(value), {
      metadata: this.#summarize(value),
    });
  }

  delete(id: string): Promise<void> {
    return this.#namespace.delete(id);
  }

  /**
   * At most `limit` list entries in order of creation, after `cursor`. One list operation.
   *
   * @throws CursorError for a cursor that is none of ours
   */
  async page(limit: number, cursor: string | null): Promise<Page<Summary>> {
    const kvCursor = cursor === null ? null : decodeCursor(cursor);
    const listing = await this.#namespace
      .list<Summary>({ limit, ...(kvCursor !== null && { cursor: kvCursor }) })
      .catch((error: unknown) => {
        // A forged cursor looks like ours and is KV's to refuse.
        throw kvCursor === null ? error : new CursorError("KV does not know this cursor");
      });
    const entries = listing.keys.flatMap(({ metadata }) =>
      metadata === undefined ? [] : [metadata],
    );
    return { entries, cursor: listing.list_complete ? null : encodeCursor(listing.cursor) };
  }

  /** Every record in order of creation, a hundred at a time while the reader keeps up. */
  async *all(): AsyncGenerator<readonly Value[]> {
    let cursor: string | null = null;
    do {
      const listing: KVNamespaceListResult<Summary> = await this.#namespace.list<Summary>({
        limit: BULK_READ_KEYS,
        cursor,
      });
      const names = listing.keys.map(({ name }) => name);
      const values = await this.#namespace.get<Value>(names, "json");
      yield [...values.values()].filter((value) => value !== null);
      cursor = listing.list_complete ? null : listing.cursor;
    } while (cursor !== null);
  }
}

function encodeCursor(kvCursor: string): string {
  return btoa(kvCursor).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decodeCursor(cursor: string): string {
  try {
    return atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    throw new CursorError("The cursor is none of ours");
  }
}
