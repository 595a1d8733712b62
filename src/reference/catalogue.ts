// The list of operations that callers read: derived, so that it cannot drift from what runs.
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { Example, OperationDefinition, Step } from "../domain/operations/operation";
import { allOperations } from "../domain/operations/families";

/** What `GET /process-data` says about one operation. */
export interface CatalogueEntry {
  readonly name: string;
  /** `item`: one in, one out; `list`: list in, list out; `summary`: list in, one value out. */
  readonly kind: Step["kind"];
  readonly summary: string;
  /** JSON Schema (draft 2020-12) of the parameters, the name not among them. */
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

/** Every operation; made once, when it is first asked for. */
export function catalogue(): readonly CatalogueEntry[] {
  entries ??= allOperations.map(describe);
  return entries;
}
