// An array schema that does not walk its items, since none of them is checked.
import * as v from "valibot";
import { withParser } from "./with-parser";

/** An array schema that takes any items, as they are. */
export function anyArray(): v.ArraySchema<v.UnknownSchema, undefined> {
  return withParser(v.array(v.unknown()), (input, own) =>
    // Falls back to the array schema for its error message.
    Array.isArray(input) ? { typed: true, value: input } : own(input),
  );
}
