// How an operation refuses: one item (the others go on), or everything.
import * as v from "valibot";

/** `wrong-type`: not the kind of value it takes; `invalid-value`: the kind, but not readable; `too-large`: over a bound. */
export const OperationErrorCode = v.picklist(["wrong-type", "invalid-value", "too-large"]);
export type OperationErrorCode = v.InferOutput<typeof OperationErrorCode>;

/** One item that an operation cannot take. The detail is a short sentence for the caller. */
export class ItemError extends Error {
  override readonly name = "ItemError";
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** A list or summary that cannot be made at all: its pipeline is refused. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  readonly code: OperationErrorCode;

  constructor(code: OperationErrorCode, detail: string) {
    super(detail);
    this.code = code;
  }
}

/** What JSON calls a value: `null`, `boolean`, `number`, `text`, `list` or `object`. */
function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  return typeof value === "string" ? "text" : typeof value;
}

/** The refusal of what would grow past a bound, in characters. */
export function overChars(what: string, max: number): ItemError {
  return new ItemError("too-large", `${what} would be over ${max} characters`);
}

/** The refusal of a value of the wrong type. */
export function wrongType(expected: string, value: unknown): ItemError {
  return new ItemError("wrong-type", `Expected ${expected}, received ${typeName(value)}`);
}
