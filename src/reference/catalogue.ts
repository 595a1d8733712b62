// The catalogue of operations, derived from the registry that runs them, so that it cannot drift.
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { Example, OperationDefinition, Step } from "../domain/operations/operation";
import { allOperations } from "../domain/operations/families";

/** Entry of an operation in `GET /process-data`. */
export interface CatalogueEntry {
  readonly name: string;
  /** `item`: one in, one out; `list`: list in, list out; `summary`: list in, one value out. */
  readonly kind: Step["kind"];
  readonly summary: string;
  /** JSON Schema (draft 2020-12) of the parameters, without the name. */
  readonly parameters: JsonSchema;
  readonly example: Example;
}

function describe(operation: OperationDefinition): CatalogueEntry {
  const { name, kind, summary, example } = operation;
  const { $schema: _, ...parameters } = toJsonSchema(v.strictObject(operation.parameters), {
    target: "draft-2020-12",
    typeMode: "input",
  });
  return { name, kind, summary, parameters, example };
}

let entries: readonly CatalogueEntry[] | undefined;

/** The catalogue of all operations, made at the first call. */
export function catalogue(): readonly CatalogueEntry[] {
  entries ??= allOperations.map(describe);
  return entries;
}
