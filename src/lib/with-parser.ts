// valibot's schemas with a parser of ours before or after their own: the only place that knows what
// valibot calls it.
import type * as v from "valibot";

type Result<Schema extends v.GenericSchema> = ReturnType<Schema["~run"]>;

/** Parses an input as a schema does: the one that is wrapped, unless another is given. */
type Parse<Schema extends v.GenericSchema> = (
  input: unknown,
  by?: v.GenericSchema<unknown, v.InferOutput<Schema>>,
) => Result<Schema>;

/**
 * A copy of a schema that parses by `parse`. Everything else about it, such as the JSON Schema that it
 * converts to, stays as it is.
 *
 * @param parse is given the input and the schema's own parser, whose result it may change
 */
export function withParser<const Schema extends v.GenericSchema>(
  schema: Schema,
  parse: (input: unknown, own: Parse<Schema>) => Result<Schema>,
): Schema {
  return {
    ...schema,
    "~run"({ value }, config) {
      // Both schemas have the output of `schema`; the compiler does not follow it through `~run`.
      return parse(
        value,
        (input, by = schema) => by["~run"]({ value: input }, config) as Result<Schema>,
      );
    },
  };
}
