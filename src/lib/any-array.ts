// Lists of anything: nothing is to be checked in them, so they are not walked.
import * as v from "valibot";
import { withParser } from "./with-parser";

/** An array schema that takes any items, as they are. */
export function anyArray(): v.ArraySchema<v.UnknownSchema, undefined> {
  return withParser(v.array(v.unknown()), (input, own) =>
    // What is no array is refused in the schema's own words.
    Array.isArray(input) ? { typed: true, value: input } : own(input),
  );
}
