// The one list of operations. Whoever adds an operation adds one value to its family's file.
import { editDistance } from "../../lib/edit-distance";
import { dataOperations } from "./data";
import { encodingOperations } from "./encoding";
import { extractOperations } from "./extract";
import { hashOperations } from "./hash";
import { layoutOperations } from "./layout";
import { listOperations } from "./list";
import { markupOperations } from "./markup";
import type { OperationDefinition } from "./operation";
import { summaryOperations } from "./summary";
import { textOperations } from "./text";

/** Every operation, family by family. */
export const operations: readonly OperationDefinition[] = [
  ...textOperations,
  ...layoutOperations,
  ...encodingOperations,
  ...markupOperations,
  ...hashOperations,
  ...dataOperations,
  ...extractOperations,
  ...listOperations,
  ...summaryOperations,
];

const byName: ReadonlyMap<string, OperationDefinition> = new Map(
  operations.map((operation) => [operation.name, operation]),
);

/** The operation of a name. */
export function findOperation(name: string): OperationDefinition | undefined {
  return byName.get(name);
}

/** Names of the parameters that an operation cannot do without. */
export function requiredParameters({ parameters }: OperationDefinition): string[] {
  return Object.entries(parameters)
    .filter(([, schema]) => schema.type !== "optional")
    .map(([name]) => name);
}

/** Longest name that is compared with the known ones, and quoted back. */
const MAX_QUOTED_CHARS = 40;
/** Edits between a name and what may have been meant: one for so many letters, up to three. */
const CHARS_PER_EDIT = 3;
const MAX_EDITS = 3;
const MAX_SUGGESTIONS = 3;

/** The message for a name that is not known, with the nearest names. */
export function unknownOperation(name: string): string {
  const quoted = name.slice(0, MAX_QUOTED_CHARS);
  const close = operations
    .map((operation) => ({ name: operation.name, edits: editDistance(quoted, operation.name) }))
    .filter(({ edits }) => edits <= Math.min(MAX_EDITS, Math.ceil(quoted.length / CHARS_PER_EDIT)))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, MAX_SUGGESTIONS)
    .map((suggestion) => suggestion.name);
  const hint =
    close.length > 0 ? `did you mean ${close.join(", ")}?` : "GET /process-data lists them";
  return `Unknown operation "${quoted}": ${hint}`;
}
