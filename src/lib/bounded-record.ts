// A record schema whose cost is bounded by what it allows, not by what it is sent.
import * as v from "valibot";
import { textRecord } from "./text-record";
import { withParser } from "./with-parser";

/** A record of at most `max` entries, see `textRecord`. Of more entries only the first `max + 1` are checked. */
export function boundedRecord<
  const Key extends v.GenericSchema<string, string>,
  const Value extends v.GenericSchema,
>(key: Key, value: Value, max: number) {
  const schema = v.pipe(textRecord(key, value), v.maxEntries(max, `At most ${max} entries`));
  return withParser(schema, (input, own) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return own(input);
    const entries = Object.entries(input);
    return own(entries.length > max ? Object.fromEntries(entries.slice(0, max + 1)) : input);
  });
}
