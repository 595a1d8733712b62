// Forgetting deliveries that are old or too many, without counting all of them each time an object starts.
import type { Facts } from "./facts";
import { SEQ_PER_MS } from "./delivery-rows";

const DAY_MS = 24 * 60 * 60_000;
/** Milliseconds for which a delivery is kept. */
export const KEPT_MS = 30 * DAY_MS;
/** Deliveries that are kept at most: beyond them the oldest that have ended are forgotten earlier. */
const MAX_KEPT = 100_000;
/** Deliveries that are counted at each sweep before their number is stored: fewer do not pay for a write. */
const RECOUNTED = 1000;

/** How many deliveries are kept up to `upTo`, the `seq` of one. Later ones are counted at each sweep. */
interface KeptCount {
  readonly upTo: number;
  readonly many: number;
}

/** Forgets at most `limit` of those that have been kept for long enough, or are too many. @returns how many */
export function sweepDeliveries(sql: SqlStorage, facts: Facts, now: number, limit: number): number {
  const kept = countKept(sql, facts);
  const excess = kept.many - MAX_KEPT;
  const rows = sql
    .exec<{ seq: number }>(
      `SELECT seq FROM deliveries WHERE seq < ? AND due_at IS NULL ORDER BY seq LIMIT ?`,
      excess > 0 ? Number.MAX_SAFE_INTEGER : (now - KEPT_MS) * SEQ_PER_MS,
      excess > 0 ? Math.min(limit, excess) : limit,
    )
    .toArray();
  for (const { seq } of rows) {
    sql.exec("DELETE FROM deliveries WHERE seq = ?", seq);
    sql.exec("DELETE FROM attempts WHERE seq = ?", seq);
  }
  if (rows.length > 0) facts.write("kept", { ...kept, many: kept.many - rows.length });
  return rows.length;
}

function countKept(sql: SqlStorage, facts: Facts): KeptCount {
  // Not validated, since only this module writes this fact.
  const stored = (facts.read("kept") as KeptCount | undefined) ?? { upTo: 0, many: 0 };
  const { added, newest } = sql
    .exec<{ added: number; newest: number | null }>(
      "SELECT count(*) AS added, max(seq) AS newest FROM deliveries WHERE seq > ?",
      stored.upTo,
    )
    .one();
  const kept = { upTo: newest ?? stored.upTo, many: stored.many + added };
  if (added >= RECOUNTED) facts.write("kept", kept);
  return kept;
}
