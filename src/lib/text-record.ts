// Records whose keys are the caller's own: valibot's take an array for one, and drop some keys silently.
import * as v from "valibot";
import { withParser } from "./with-parser";

/** Keys that valibot leaves out of records. */
const LOST_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** A record of texts. Refuses arrays, and the keys that would be lost. */
export function textRecord<
  const Key extends v.GenericSchema<string, string>,
  const Value extends v.GenericSchema<string, string>,
>(key: Key, value: Value): v.RecordSchema<Key, Value, string> {
  const schema = v.record(key, value, "Expected an object without __proto__ and the like");
  return withParser(schema, (input, own) => {
    const isLossy = Object.keys(Object(input)).some((name) => LOST_KEYS.has(name));
    return own(Array.isArray(input) || isLossy ? null : input);
  });
}
