// Looks inside the schemas that valibot puts around others.
import type * as v from "valibot";

/** The schema inside `optional`, `nullable` and the like. A pipe has the type of its first schema. */
export function unwrapSchema(schema: v.GenericSchema): v.GenericSchema {
  return "wrapped" in schema && isSchema(schema.wrapped) ? unwrapSchema(schema.wrapped) : schema;
}

/** True for a schema of valibot. */
export function isSchema(value: unknown): value is v.GenericSchema {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "schema";
}
