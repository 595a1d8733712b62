// Objects with any members, as JSON has them. valibot's own record takes arrays as well, and drops
// members that are called `constructor`, `prototype` or `__proto__`.
import * as v from "valibot";

/** A schema of objects whose members may have any value, and any name of up to this many characters. */
export function jsonObject(maxNameCharacters: number) {
  const name = v.pipe(v.string(), v.maxLength(maxNameCharacters));
  const schema = v.record(name, v.unknown(), "Expected an object");
  return {
    ...schema,
    "~run"(dataset, config) {
      const input = dataset.value;
      const isObject = typeof input === "object" && input !== null && !Array.isArray(input);
      const result = schema["~run"]({ value: isObject ? input : null }, config);
      if (isObject && result.typed) result.value = Object.fromEntries(Object.entries(input));
      return result;
    },
  } satisfies typeof schema;
}
