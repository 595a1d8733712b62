// The catalogue of operations, derived from the registry that runs them, so that it cannot drift.
import { type JsonSchema, toJsonSchema } from "@valibot/to-json-schema";
import * as v from "valibot";
import type { Example, OperationDefinition, Step } from "../domain/operations/operation";
import {
  MAX_FAILURES,
  MAX_HELD_BYTES,
  MAX_ITEM_BYTES,
  MAX_ITEM_DEPTH,
  MAX_ITEMS,
  MAX_KEPT_BYTES,
  MAX_LIST_ENTRIES,
  MAX_PIPELINES,
  MAX_REPLY_BYTES,
  MAX_REQUEST_WORK,
  MAX_STEPS,
  MAX_TEXT_CHARS,
} from "../domain/operations/limits";
import type { StepSource } from "../domain/operations/pipeline";
import type { Price } from "../domain/operations/price";
import { familyOf, type FamilyName } from "../domain/operations/registry";
import { allOperations } from "./all-operations";
import { KEYWORDS } from "./keywords";

/** Entry of an operation in `GET /process-data`. */
export interface CatalogueEntry {
  readonly name: string;
  /** `item`: one in, one out; `list`: list in, list out; `summary`: list in, one value out. */
  readonly kind: Step["kind"];
  readonly family: FamilyName;
  readonly summary: string;
  /** JSON Schema (draft 2020-12) of the parameters, without the name. */
  readonly parameters: JsonSchema;
  /** A whole call: what to send, and what comes back. */
  readonly example: Omit<Example, "parameters"> & { readonly operation: StepSource };
  readonly price: Price;
  /** Other words for what it does, for the search. */
  readonly keywords: readonly string[];
}

function describe(operation: OperationDefinition): CatalogueEntry {
  const { name, kind, summary, price } = operation;
  const { parameters: named, input, output } = operation.example;
  const { $schema: _, ...parameters } = toJsonSchema(v.strictObject(operation.parameters), {
    target: "draft-2020-12",
    typeMode: "input",
    ignoreActions: ["check", "raw_check"],
  });
  const keywords = KEYWORDS[name]?.split(" ") ?? [];
  const example = { operation: named === undefined ? name : { name, ...named }, input, output };
  return { name, kind, family: familyOf(name), summary, parameters, example, price, keywords };
}

/** Bounds of a request's content and cost, beside the catalogue. */
export const requestLimits = {
  work: MAX_REQUEST_WORK,
  items: MAX_ITEMS,
  operations: MAX_PIPELINES,
  steps: MAX_STEPS,
  text_characters: MAX_TEXT_CHARS,
  list_entries: MAX_LIST_ENTRIES,
  failures: MAX_FAILURES,
  item_depth: MAX_ITEM_DEPTH,
  item_bytes: MAX_ITEM_BYTES,
  held_bytes: MAX_HELD_BYTES,
  kept_bytes: MAX_KEPT_BYTES,
  reply_bytes: MAX_REPLY_BYTES,
} as const;

let entries: readonly CatalogueEntry[] | undefined;

/** The catalogue of all operations, made at the first call. */
export function catalogue(): readonly CatalogueEntry[] {
  entries ??= allOperations.map(describe);
  return entries;
}
