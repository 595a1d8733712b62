// A schema for JSON objects with any members. valibot's own record also accepts arrays, and drops members
// named `constructor`, `prototype` or `__proto__`.
import * as v from "valibot";
import { isObject } from "./is-object";
import { maxCharacters } from "./max-characters";
import { withParser } from "./with-parser";

/** Creates a schema of objects whose members have any value, and names of at most `maxNameCharacters`. */
export function jsonObject(maxNameCharacters: number) {
  const name = v.pipe(v.string(), maxCharacters(maxNameCharacters));
  const schema = v.record(name, v.unknown(), "Expected an object");
  return withParser(schema, (input, own) => {
    const result = own(isObject(input) ? input : null);
    if (isObject(input) && result.typed) result.value = Object.fromEntries(Object.entries(input));
    return result;
  });
}
