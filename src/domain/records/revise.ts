// Versions of records: each change counts, and what changes nothing is no change.
import { toIsoTime } from "../../lib/iso-time";

/** What every record says of its own history. */
interface Versioned {
  readonly version: number;
  readonly updated_at: string;
}

/**
 * The next version of a record, or the record itself where nothing differs.
 *
 * @param next the record as it is to be, made from `record` by a spread, so that its fields are in order
 * @param now milliseconds since 1970 UTC
 */
export function revise<Value extends Versioned>(record: Value, next: Value, now: number): Value {
  if (JSON.stringify(next) === JSON.stringify(record)) return record;
  return { ...next, updated_at: toIsoTime(now), version: record.version + 1 };
}
