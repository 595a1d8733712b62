// Errors of operations: of one item, after which the others go on, or of the whole list.
import * as v from "valibot";
import { MAX_LIST_ENTRIES } from "./limits";

/**
 * Code of an operation's error. `wrong-type`: an unsuitable type; `invalid-value`: the right type, but not
 * readable; `too-large`: over a limit.
 */
export const OperationErrorCode = v.picklist(["wrong-type", "invalid-value", "too-large"]);
export type OperationErrorCode = v.InferOutput<typeof OperationErrorCode>;

const V8Error: ErrorConstructor & { stackTraceLimit?: number | undefined } = Error;

/** Error of one item that an operation cannot take. The message is a short sentence for the caller. */
export class ItemError extends Error {
  override readonly name = "ItemError";
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, detail: string) {
    // Thousands of items may fail, which is no fault of the program: a stack would take most of the time.
    const { stackTraceLimit } = V8Error;
    V8Error.stackTraceLimit = 0;
    super(detail);
    V8Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
  }
}

/** Error of a list or summary that cannot be made at all: the whole pipeline fails. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** Error of a pipeline that would hold too much, unless its result is written as it is made. */
export class HeldError extends OperationError {}

/** The name of a value's type: `null`, `boolean`, `number`, `text`, `list` or `object`. */
function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value === "string" ? "text" : typeof value;
}

/** The error for an output that would have more than `max` characters. */
export function overChars(what: string, max: number): ItemError {
  return new ItemError("too-large", `${what} would be over ${max} characters`);
}

/** Refuses a list of more entries than a pipeline holds. */
export function checkEntries(count: number): void {
  if (count <= MAX_LIST_ENTRIES) return;
  throw new OperationError(
    "too-large",
    `A list holds at most ${MAX_LIST_ENTRIES} entries; this one would have ${count}`,
  );
}

/** The error for a value of the wrong type. */
export function wrongType(expected: string, value: unknown): ItemError {
  // Numbers from `csv_parse` and forms are texts.
  const hint = typeof value === "string" && expected.includes("number") ? "; use to_number" : "";
  return new ItemError("wrong-type", `Expected ${expected}, received ${typeName(value)}${hint}`);
}
