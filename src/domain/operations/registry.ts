// Operations by their names. Texts are there from the start; the other families are evaluated when a name is
// first met that is none of theirs, so that an isolate that never needs them starts without them.
import { editDistance } from "../../lib/edit-distance";
import { MAX_STEPS } from "./limits";
import type { OperationDefinition } from "./operation";
import { textOperations } from "./text";

const known = new Map(textOperations.map((operation) => [operation.name, operation]));
let areAllKnown = false;

/**
 * Makes ready what is needed to read an operation, or several. Undefined where nothing is to be waited for,
 * as almost always: an `await` costs more than reading a name.
 *
 * @param written as it came, valid or not
 */
export function loadOperations(written: unknown): Promise<void> | undefined {
  if (areAllKnown || namesIn(written).every((name) => known.has(name))) return undefined;
  return loadAllOperations();
}

/** Makes every operation ready. */
export async function loadAllOperations(): Promise<void> {
  const { allOperations } = await import("./families");
  for (const operation of allOperations) known.set(operation.name, operation);
  areAllKnown = true;
}

/** Names in one operation, in the steps of a pipeline, or in several of these; longer lists are refused unread. */
function namesIn(written: unknown, levels = 2): string[] {
  if (Array.isArray(written) && levels > 0)
    return written.slice(0, MAX_STEPS).flatMap((part) => namesIn(part, levels - 1));
  const name: unknown = typeof written === "object" ? Object(written).name : written;
  return typeof name === "string" ? [name] : [];
}

/**
 * The operation of a name.
 *
 * @throws TypeError where nobody has called `loadOperations` with it: it may then be an operation
 */
export function findOperation(name: string): OperationDefinition | undefined {
  const operation = known.get(name);
  if (operation === undefined && !areAllKnown)
    throw new TypeError("Operations must be loaded before they are read");
  return operation;
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
  const close = [...known.keys()]
    .map((candidate) => ({ name: candidate, edits: editDistance(quoted, candidate) }))
    .filter(({ edits }) => edits <= Math.min(MAX_EDITS, Math.ceil(quoted.length / CHARS_PER_EDIT)))
    .toSorted((a, b) => a.edits - b.edits)
    .slice(0, MAX_SUGGESTIONS)
    .map((suggestion) => suggestion.name);
  const hint =
    close.length > 0 ? `did you mean ${close.join(", ")}?` : "GET /process-data lists them";
  return `Unknown operation "${quoted}": ${hint}`;
}
