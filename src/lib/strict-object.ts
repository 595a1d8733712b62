// Strict objects as JSON has them.
import * as v from "valibot";
import { withParser } from "./with-parser";

/** `v.strictObject`, but a list is no object: to valibot it is one that has none of the fields. */
export function strictObject<const Entries extends v.ObjectEntries>(
  entries: Entries,
): v.StrictObjectSchema<Entries, undefined> {
  return withParser(v.strictObject(entries), (input, own) =>
    own(Array.isArray(input) ? null : input),
  );
}
