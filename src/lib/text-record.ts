// A record schema for keys that the caller chooses: valibot's own accepts arrays, and silently drops some
// keys.
import * as v from "valibot";
import { withParser } from "./with-parser";

/** Keys that valibot drops from records. */
const LOST_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** A record of texts or other values. Refuses arrays, and keys that would be dropped. */
export function textRecord<
  const Key extends v.GenericSchema<string, string>,
  const Value extends v.GenericSchema,
>(key: Key, value: Value): v.RecordSchema<Key, Value, string> {
  const schema = v.record(key, value, "Expected an object without __proto__ and the like");
  return withParser(schema, (input, own) => {
    const isLossy = Object.keys(Object(input)).some((name) => LOST_KEYS.has(name));
    return own(Array.isArray(input) || isLossy ? null : input);
  });
}
