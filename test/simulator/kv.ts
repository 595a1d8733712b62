// KV as it is: what is written is seen late, misses are kept, and the day's operations end.
import type { KvBinding } from "./bindings";
import type { Faults } from "./faults";
import { type InvocationLimits, takeOne } from "./invocations";
import {
  checkKey,
  checkLength,
  checkSizes,
  type ReadOptions,
  readExpiry,
  readOptions,
} from "./kv-refusals";
import { type Entry, KvStore } from "./kv-store";
import { fromCursor, toBulkType, toCursor, toListed, toStored, toType } from "./kv-values";
import type { Ledger, Quotas } from "./ledger";
import { KV, OVER_QUOTA, TOO_MANY } from "./platform";

type Operation = "get" | "put" | "delete" | "list";

/** Behaviour of a namespace. */
export interface KvConditions {
  /** A write is seen elsewhere after this time. */
  readonly lagMs: number;
  /** Milliseconds for which a read is cached, misses included, unless the read sets `cacheTtl`. */
  readonly cacheMs: number;
  /** Writes and deletions of one key are refused within this time. */
  readonly msBetweenWrites: number;
}

/** KV on the free plan. */
export const REAL_KV: KvConditions = { lagMs: 60_000, cacheMs: 60_000, msBetweenWrites: 1000 };

/** An operation on KV. */
export interface KvEvent {
  readonly binding: KvBinding;
  readonly operation: Operation;
  /** The key, or the prefix of a listing. */
  readonly key: string;
}

/**
 * `refused`: KV cannot be reached, nothing happens. `reply-lost`: it happens, and nobody is told.
 */
export type KvFault = "refused" | "reply-lost";

/** All that namespaces share. */
export interface KvParts {
  readonly conditions: KvConditions;
  readonly limits: InvocationLimits;
  readonly ledger: Ledger;
  readonly faults: Faults<KvEvent, KvFault>;
}

const BILLED = { get: "kvReads", put: "kvWrites", delete: "kvDeletes", list: "kvLists" } as const;

/** One namespace, with the methods of `KVNamespace`. */
export class SimulatedKv {
  readonly store = new KvStore();
  readonly #binding: KvBinding;
  readonly #parts: KvParts;

  constructor(binding: KvBinding, parts: KvParts) {
    this.#binding = binding;
    this.#parts = parts;
  }

  /** A value, or a map of them for several keys. */
  async get(key: string | readonly string[], options?: ReadOptions): Promise<unknown> {
    if (typeof key !== "string") return this.#bulk(key, options, ({ value }) => value);
    return (await this.#one(key, options)).value;
  }

  /** A value and its metadata, or a map of them for several keys. */
  async getWithMetadata(key: string | readonly string[], options?: ReadOptions): Promise<unknown> {
    if (typeof key !== "string") return this.#bulk(key, options, (found) => found);
    return { ...(await this.#one(key, options)), cacheStatus: null };
  }

  /** Writes one key. */
  async put(key: string, value: unknown, options: KVNamespacePutOptions = {}): Promise<void> {
    checkKey(key, "PUT");
    const bytes = await toStored(value);
    const metadata = JSON.stringify(options.metadata ?? null);
    checkSizes(bytes, metadata === "null" ? undefined : metadata);
    const entry = {
      value: bytes,
      metadata: JSON.parse(metadata),
      expiresAt: readExpiry(options, Date.now()),
    };
    this.#run("put", key, 1, () => this.#write("PUT", key, entry));
  }

  /** Deletes one key, which need not be there. */
  async delete(key: string): Promise<void> {
    checkKey(key, "DELETE");
    this.#run("delete", key, 1, () => this.#write("DELETE", key, null));
  }

  /** Keys in order, at most a thousand, with their metadata. */
  async list(options: KVNamespaceListOptions = {}): Promise<unknown> {
    const prefix = options.prefix ?? "";
    const limit = options.limit ?? KV.maxListKeys;
    checkLength(prefix, "GET");
    if (limit > KV.maxListKeys) {
      const rule = "Please specify an integer less than 1000.";
      throw new Error(`KV GET failed: 400 Invalid key_count_limit of ${limit}. ${rule}`);
    }
    const after = fromCursor(options.cursor ?? "");
    return this.#run("list", prefix, 1, () => {
      const rest = this.store.list(prefix, Date.now()).filter(([name]) => name > after);
      const keys = rest.slice(0, limit).map(toListed);
      const last = keys.at(-1);
      const isComplete = keys.length === rest.length || last === undefined;
      const cursor = isComplete ? {} : { cursor: toCursor(last.name) };
      return { keys, list_complete: isComplete, ...cursor, cacheStatus: null };
    });
  }

  async #one(
    key: string,
    options: ReadOptions | undefined,
  ): Promise<{ value: unknown; metadata: unknown }> {
    checkKey(key, "GET");
    const { type, cacheMs } = readOptions(options, this.#parts.conditions.cacheMs);
    const entry = this.#run("get", key, 1, () => this.store.read(key, cacheMs, Date.now()));
    return entry === null
      ? { value: null, metadata: null }
      : { value: toType(entry.value, type), metadata: entry.metadata };
  }

  #bulk(
    keys: readonly string[],
    options: ReadOptions | undefined,
    pick: (found: { value: unknown; metadata: unknown }) => unknown,
  ): Map<string, unknown> {
    const { type, cacheMs } = readOptions(options, this.#parts.conditions.cacheMs);
    if (keys.length === 0) throw bulkRefusal("You must request a minimum of 1 key");
    if (keys.length > KV.maxBulkKeys) throw bulkRefusal("You can request a maximum of 100 keys");
    for (const key of keys) checkKey(key, "GET_BULK");
    if (type !== "text" && type !== "json") {
      throw bulkRefusal(`"${type}" is not a valid type. Use "json" or "text"`);
    }
    const read = (key: string) => {
      const entry = this.store.read(key, cacheMs, Date.now());
      return entry && pick({ value: toBulkType(entry.value, type), metadata: entry.metadata });
    };
    // One operation of the invocation, and as many reads of the day as there are keys.
    return this.#run("get", keys[0] ?? "", keys.length, () => {
      return new Map(keys.map((key) => [key, read(key)]));
    });
  }

  #write(operation: "PUT" | "DELETE", key: string, entry: Entry | null): void {
    const { lagMs, msBetweenWrites } = this.#parts.conditions;
    const now = Date.now();
    if (now - this.store.writtenAt(key) < msBetweenWrites) {
      throw new Error(`KV ${operation} failed: 429 Too Many Requests`);
    }
    this.store.write(key, entry, now, now + lagMs);
  }

  /** Carries out an operation within what the invocation and the day still allow. */
  #run<Result>(operation: Operation, key: string, times: number, carryOut: () => Result): Result {
    const { ledger } = this.#parts;
    try {
      const fault = this.#admit(operation, key);
      const result = carryOut();
      ledger.count(this.#binding, BILLED[operation], times);
      if (fault !== null) throw unavailable(operation);
      return result;
    } catch (error) {
      ledger.count(this.#binding, "kvRefused");
      throw error;
    }
  }

  #admit(operation: Operation, key: string): KvFault | null {
    const { limits, ledger, faults } = this.#parts;
    if (!takeOne("services", limits)) throw new Error(TOO_MANY.services);
    const quota: keyof Quotas = BILLED[operation];
    if (ledger.isSpent(quota)) throw new Error(OVER_QUOTA[quota]);
    const fault = faults.strike({ binding: this.#binding, operation, key });
    if (fault === "refused") throw unavailable(operation);
    return fault;
  }
}

function unavailable(operation: Operation): Error {
  const verb = operation === "list" ? "GET" : operation.toUpperCase();
  return new Error(`KV ${verb} failed: 503 Service Unavailable`);
}

function bulkRefusal(text: string): Error {
  return new Error(`KV GET_BULK failed: 400 ${text}`);
}
