// Replaces the parser of a valibot schema, by valibot's internal `~run`; `max-characters.ts` does so with an action.
import type * as v from "valibot";

type Result<Schema extends v.GenericSchema> = ReturnType<Schema["~run"]>;

/** Parses an input by a schema: the wrapped one, unless another is given. */
type Parse<Schema extends v.GenericSchema> = (
  input: unknown,
  by?: v.GenericSchema<unknown, v.InferOutput<Schema>>,
) => Result<Schema>;

/**
 * A copy of a schema that parses by `parse`. Everything else about it, such as its conversion to JSON Schema,
 * stays the same.
 *
 * @param parse receives the input and the schema's own parser, whose result it may change
 */
export function withParser<const Schema extends v.GenericSchema>(
  schema: Schema,
  parse: (input: unknown, own: Parse<Schema>) => Result<Schema>,
): Schema {
  return {
    ...schema,
    "~run"({ value }, config) {
      // Both schemas have the output type of `schema`; the compiler loses it in `~run`.
      return parse(
        value,
        (input, by = schema) => by["~run"]({ value: input }, config) as Result<Schema>,
      );
    },
  };
}
