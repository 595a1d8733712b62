// Versions of records: a change increments the version, a change to equal values does not.
import { toIsoTime } from "../../lib/iso-time";

/** Version and times that every record has. */
interface Versioned {
  readonly version: number;
  readonly updated_at: string;
}

/**
 * The next version of a record, or the same record if nothing differs.
 *
 * @param next the changed record, made from `record` by a spread, so that the order of its fields is the same
 * @param now milliseconds since 1970 UTC
 */
export function revise<Value extends Versioned>(record: Value, next: Value, now: number): Value {
  if (JSON.stringify(next) === JSON.stringify(record)) return record;
  return { ...next, updated_at: toIsoTime(now), version: record.version + 1 };
}
