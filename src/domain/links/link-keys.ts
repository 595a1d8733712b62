// The keys that sign links: made by the table of users, replaced by itself, so that nothing must be
// configured and an old key that leaks opens nothing.

const DAY_MS = 24 * 60 * 60_000;
/** Milliseconds for which a key signs; its links stay valid until its successor is replaced too, as long again. */
export const KEY_LIFE_MS = 90 * DAY_MS;

/** A key for HMAC-SHA-256. */
export interface LinkKey {
  /** 32 random bytes as base64url. */
  readonly secret: string;
  /** Milliseconds since 1970 UTC. */
  readonly madeAt: number;
}

/** The keys of links. */
export interface LinkKeys {
  /** The key that signs. */
  readonly current: LinkKey;
  /** The one before it, whose links are still valid; or null. */
  readonly before: LinkKey | null;
}

/** The keys of this instant: the same ones, or with a new one once the current one is too old. */
export function renewKeys(
  keys: LinkKeys | null,
  now: number,
  createSecret: () => string,
): LinkKeys {
  if (keys !== null && keys.current.madeAt + KEY_LIFE_MS > now) return keys;
  return { current: { secret: createSecret(), madeAt: now }, before: keys?.current ?? null };
}
