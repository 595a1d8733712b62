// Counts of a chunk's states, which are stored beside them.
import { codeOf, hasSucceeded } from "../domain/jobs/counted";
import type { Counts, ItemState } from "../domain/jobs/job";

type TallyRow = { succeeded: number; failed: number; codes: string | null };
type CountRow = { succeeded: number; failed: number; lastResultAt: number | null; bytes: number };

/** Counts of finished items. */
export type Tally = Pick<Counts, "succeeded" | "failed" | "failedByCode">;
type Codes = Counts["failedByCode"];

/** Counts of a chunk of which nothing has ended. */
export const NO_TALLY: Tally = { succeeded: 0, failed: 0, failedByCode: {} };

/** Counts states. */
export function tally(states: readonly ItemState[]): Tally {
  let [succeeded, failed] = [0, 0];
  const failedByCode: Record<string, number> = {};
  for (const state of states) {
    if (hasSucceeded(state)) succeeded += 1;
    const code = codeOf(state);
    if (code === null) continue;
    failed += 1;
    failedByCode[code] = (failedByCode[code] ?? 0) + 1;
  }
  return { succeeded, failed, failedByCode };
}

/** Counts of a chunk as they are stored. */
export function readTally(sql: SqlStorage, first: number): Tally {
  const rows = sql.exec<TallyRow>(
    "SELECT succeeded, failed, codes FROM progress WHERE first = ?",
    first,
  );
  for (const { codes, ...counts } of rows) return { ...counts, failedByCode: readCodes(codes) };
  return NO_TALLY;
}

/** Counts of all chunks as they are stored, and the characters of results that have a row of their own. */
export function readCounts(sql: SqlStorage): { counts: Counts; bytes: number } {
  const { bytes, ...counts } = sql
    .exec<CountRow>(
      `SELECT coalesce(sum(succeeded), 0) AS succeeded, coalesce(sum(failed), 0) AS failed,
       coalesce(sum(bytes), 0) AS bytes, max(saved_at) AS lastResultAt FROM progress`,
    )
    .one();
  if (counts.failed === 0) return { counts: { ...counts, failedByCode: {} }, bytes };
  const rows = sql.exec<{ codes: string }>("SELECT codes FROM progress WHERE codes IS NOT NULL");
  const all = rows.toArray().map(({ codes }) => [readCodes(codes), 1] as const);
  return { counts: { ...counts, failedByCode: sumOf(all) }, bytes };
}

/** Parses counts by code. Not validated, since only the store writes them. */
function readCodes(codes: string | null): Codes {
  return codes === null ? {} : (JSON.parse(codes) as Codes);
}

/** The sum of counts by code, each times its factor, without those that are 0. */
export function sumOf(all: readonly (readonly [codes: Codes, factor: 1 | -1])[]): Codes {
  const sum: Record<string, number> = {};
  for (const [codes, factor] of all)
    for (const [code, times] of Object.entries(codes))
      sum[code] = (sum[code] ?? 0) + factor * times;
  return Object.fromEntries(Object.entries(sum).filter(([, times]) => times > 0));
}
