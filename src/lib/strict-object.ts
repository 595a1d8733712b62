// A strict-object schema that refuses arrays.
import * as v from "valibot";
import { withParser } from "./with-parser";

/** As `v.strictObject`, but refuses arrays: valibot takes `[]` for an object without fields. */
export function strictObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, undefined> {
  return withParser(v.strictObject(entries), (input, own) =>
    own(Array.isArray(input) ? null : input),
  );
}
