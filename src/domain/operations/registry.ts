// Operations by name. Those on texts are loaded at the start; all others are loaded when a name is first met
// that is none of these, so that an isolate that never needs them starts faster.
import { editDistance } from "../../lib/edit-distance";
import { MAX_STEPS } from "./limits";
import type { OperationDefinition } from "./operation";
import { textOperations } from "./text";

const known = new Map(textOperations.map((operation) => [operation.name, operation]));
let areAllKnown = false;

/**
 * Loads the families that are needed to parse these operations. Returns undefined if nothing must be awaited,
 * as is nearly always so: an `await` costs more than the lookup.
 *
 * @param written an operation or a list of them, valid or not
 */
export function loadOperations(written: unknown): Promise<void> | undefined {
  if (areAllKnown || namesIn(written).every((name) => known.has(name))) return undefined;
  return loadAllOperations();
}

/** Loads all operations. */
export async function loadAllOperations(): Promise<void> {
  const { allOperations } = await import("./families");
  for (const operation of allOperations) known.set(operation.name, operation);
  areAllKnown = true;
}

/**
 * The names in an operation, in the steps of a pipeline, or in several of these. Overlong lists are skipped:
 * parsing refuses them.
 */
function namesIn(written: unknown, levels = 2): string[] {
  if (Array.isArray(written) && levels > 0)
    return written.slice(0, MAX_STEPS).flatMap((part) => namesIn(part, levels - 1));
  const name: unknown = typeof written === "object" ? Object(written).name : written;
  return typeof name === "string" ? [name] : [];
}

/**
 * Finds an operation by name.
 *
 * @throws TypeError for an unknown name if `loadOperations` was not called with it, since it may then be an
 * operation that is not loaded
 */
export function findOperation(name: string): OperationDefinition | undefined {
  const operation = known.get(name);
  if (operation === undefined && !areAllKnown)
    throw new TypeError("Operations must be loaded before they are read");
  return operation;
}

/** The names of the parameters that an operation requires. */
export function requiredParameters({ parameters }: OperationDefinition): string[] {
  return Object.entries(parameters)
    .filter(([, schema]) => schema.type !== "optional")
    .map(([name]) => name);
}

/** Characters of the longest name that is compared with the known ones and quoted in the message. */
const MAX_QUOTED_CHARS = 40;
/** Characters of a name for each edit by which it may differ from a suggested one, up to MAX_EDITS. */
const CHARS_PER_EDIT = 3;
const MAX_EDITS = 3;
const MAX_SUGGESTIONS = 3;

/** The message for an unknown name, with the nearest known names. */
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
