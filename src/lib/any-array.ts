// Lists of anything: nothing is to be checked in them, so they are not walked.
import * as v from "valibot";

/** An array schema that takes any items, as they are. */
export function anyArray(): v.ArraySchema<v.UnknownSchema, undefined> {
  const schema = v.array(v.unknown());
  return {
    ...schema,
    "~run"(dataset, config) {
      // What is no array is refused in the schema's own words.
      if (!Array.isArray(dataset.value)) return schema["~run"](dataset, config);
      return { typed: true, value: dataset.value };
    },
  };
}
