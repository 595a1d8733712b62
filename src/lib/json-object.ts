// Objects with any members, as JSON has them. valibot's own record takes arrays as well, and drops
// members that are called `constructor`, `prototype` or `__proto__`.
import * as v from "valibot";
import { withParser } from "./with-parser";

/** A schema of objects whose members may have any value, and any name of up to this many characters. */
export function jsonObject(maxNameCharacters: number) {
  const name = v.pipe(v.string(), v.maxLength(maxNameCharacters));
  const schema = v.record(name, v.unknown(), "Expected an object");
  return withParser(schema, (input, own) => {
    const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
    const result = own(isObject ? input : null);
    if (isObject && result.typed) result.value = Object.fromEntries(Object.entries(input));
    return result;
  });
}
