// Records in KV, where everyone reads them: replicated, cheap, and up to a minute stale. Only record
// writers write here, and nothing is decided from what stands here.
//
// Keyspace, one namespace a kind (USERS, TASKS): key = the record's id, a UUIDv7, so that a listing is
// in order of creation; value = the record as JSON; metadata = its list entry, within the 1,024 bytes
// that KV allows, so that a page costs one list operation and no reads; lifetime = until deleted.

import * as v from "valibot";
import { mapConcurrently } from "../lib/map-concurrently";
import { CONNECTIONS_PER_INVOCATION } from "../domain/platform";

/** KV's limit for keys in one list operation. */
const MAX_LIST_KEYS = 1000;
/** List operations for one page of a filtered list; they cost as much as writes. */
const MAX_LISTS = 5;
/** KV's limit for keys in one bulk read. */
const BULK_READ_KEYS = 100;
/** Reads at once: one connection is left to others. */
const MAX_READS = CONNECTIONS_PER_INVOCATION - 1;

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
   * At most `limit` list entries in order of creation, after `cursor`. One list operation; with a
   * filter a few, and then perhaps fewer entries although the list goes on.
   *
   * @throws CursorError for a cursor that is none of ours
   */
  async page(
    limit: number,
    cursor: string | null,
    isWanted?: (summary: Summary) => boolean,
  ): Promise<Page<Summary>> {
    let { from, after } = cursor === null ? START : decodeCursor(cursor);
    const entries: Summary[] = [];
    for (let lists = 0; lists < MAX_LISTS && entries.length < limit; lists += 1) {
      const listing = await this.#list(isWanted === undefined ? limit : MAX_LIST_KEYS, from);
      for (const { name, metadata } of listing.keys) {
        if (name <= after || metadata === undefined || isWanted?.(metadata) === false) continue;
        if (entries.length === limit) return { entries, cursor: encodeCursor({ from, after }) };
        entries.push(metadata);
        after = name;
      }
      if (listing.list_complete) return { entries, cursor: null };
      from = listing.cursor;
    }
    return { entries, cursor: encodeCursor({ from, after }) };
  }

  #list(limit: number, from: string | null): Promise<KVNamespaceListResult<Summary>> {
    return this.#namespace.list<Summary>({ limit, cursor: from }).catch((error: unknown) => {
      // A forged cursor looks like ours and is KV's to refuse.
      throw from === null ? error : new CursorError("KV does not know this cursor");
    });
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
      // KV refuses to read no keys, and a page in the middle may be empty.
      if (names.length > 0) yield await this.#read(names);
      cursor = listing.list_complete ? null : listing.cursor;
    } while (cursor !== null);
  }

  /** Those of these ids that have no record, or none yet here. A read operation for each hundred. */
  async missing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const parts = Array.from({ length: Math.ceil(ids.length / BULK_READ_KEYS) }, (_, part) =>
      ids.slice(part * BULK_READ_KEYS, (part + 1) * BULK_READ_KEYS),
    );
    const found = await mapConcurrently(parts, MAX_READS, (part) => this.#namespace.get(part));
    return new Set(
      ids.filter((id, at) => found[Math.floor(at / BULK_READ_KEYS)]?.get(id) === null),
    );
  }

  /** The records with these ids that are still there. One read operation. */
  async #read(ids: string[]): Promise<readonly Value[]> {
    const values = await this.#namespace.get<Value>(ids, "json");
    return [...values.values()].filter((value) => value !== null);
  }
}

/** A place in a list: KV's own cursor, and the last key that was given out behind it. */
interface Place {
  readonly from: string | null;
  readonly after: string;
}

const START: Place = { from: null, after: "" };

const PlaceJson = v.pipe(
  v.string(),
  v.parseJson(),
  v.tuple([v.nullable(v.string()), v.pipe(v.string(), v.maxLength(512))]),
  v.transform(([from, after]): Place => ({ from, after })),
);

function encodeCursor({ from, after }: Place): string {
  const json = JSON.stringify([from, after]);
  return btoa(json).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function decodeCursor(cursor: string): Place {
  try {
    return v.parse(PlaceJson, atob(cursor.replaceAll("-", "+").replaceAll("_", "/")));
  } catch {
    throw new CursorError("The cursor is none of ours");
  }
}
