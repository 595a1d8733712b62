// One KV namespace as readers elsewhere see it: late, and through a cache that keeps misses as well.

/** A stored value. */
export interface Entry {
  readonly value: string | Uint8Array;
  /** Null where there is none. */
  readonly metadata: unknown;
  /** Milliseconds since 1970, or null. */
  readonly expiresAt: number | null;
}

interface Version {
  readonly writtenAt: number;
  /** The instant from which readers in other locations see it. */
  readonly visibleAt: number;
  /** Null: deleted. */
  readonly entry: Entry | null;
}

/** Versions of every key, and one location's cache. Knows neither quotas nor errors. */
export class KvStore {
  readonly #versions = new Map<string, Version[]>();
  readonly #cache = new Map<string, { readonly entry: Entry | null; readonly until: number }>();

  /** Writes an entry, or with null a deletion, that is visible from `visibleAt` on. */
  write(key: string, entry: Entry | null, writtenAt: number, visibleAt: number): void {
    const versions = this.#versions.get(key) ?? [];
    const current = versions.findLastIndex((version) => version.visibleAt <= writtenAt);
    this.#versions.set(key, [
      ...versions.slice(Math.max(current, 0)),
      { writtenAt, visibleAt, entry },
    ]);
  }

  /** The time of the last write or deletion. */
  writtenAt(key: string): number {
    return this.#versions.get(key)?.at(-1)?.writtenAt ?? -Infinity;
  }

  /** The entry that this location sees, kept in its cache for `cacheMs`: null, a miss, too. */
  read(key: string, cacheMs: number, now: number): Entry | null {
    const cached = this.#cache.get(key);
    if (cached !== undefined && cached.until > now) return living(cached.entry, now);
    const entry = this.#visible(key, now);
    this.#cache.set(key, { entry, until: now + cacheMs });
    return entry;
  }

  /** Visible entries in the order of their keys. Listings lag as reads do, but have no cache. */
  list(prefix: string, now: number): [name: string, Entry][] {
    return [...this.#versions.keys()]
      .filter((key) => key.startsWith(prefix))
      .sort()
      .flatMap((key): [string, Entry][] => {
        const entry = this.#visible(key, now);
        return entry === null ? [] : [[key, entry]];
      });
  }

  /** The truth: what every reader will see once nothing is under way. */
  published(now: number): Map<string, Entry> {
    return new Map(this.list("", Infinity).filter(([, entry]) => living(entry, now) !== null));
  }

  #visible(key: string, now: number): Entry | null {
    const version = this.#versions.get(key)?.findLast(({ visibleAt }) => visibleAt <= now);
    return living(version?.entry ?? null, now === Infinity ? 0 : now);
  }
}

function living(entry: Entry | null, now: number): Entry | null {
  return entry?.expiresAt != null && entry.expiresAt <= now ? null : entry;
}
