// Refusals of the domain. The HTTP layer maps each code to a status and a page; a code that is missing there
// does not compile.
import * as v from "valibot";
import { jsonPointer } from "../lib/json-pointer";

/** Codes of refusals that depend on the meaning of a request, not on its form. */
export type DomainCode =
  | "email-taken"
  | "gone"
  | "idempotency-in-progress"
  | "idempotency-mismatch"
  | "invalid-body"
  | "malformed-request"
  | "not-found"
  | "precondition-failed"
  | "quota-exceeded"
  | "unauthorized"
  | "unavailable"
  | "undeliverable-email"
  | "upstream-failed"
  | "wrong-state";

/** A fault in a request body; `pointer` is a JSON Pointer in URI-fragment form (RFC 6901 §6). */
export interface Fault {
  readonly pointer: string;
  /** Line on which the item begins, from 1, in a body that comes in lines. */
  readonly line?: number;
  readonly detail: string;
}

/** Characters of a message that quotes foreign text, such as a schema's or a parser's. */
export const MAX_DETAIL_CHARACTERS = 300;

v.setSpecificMessage(v.strictObject, ({ expected, received }) => {
  if (expected === "never") return "Unknown field";
  return received === "undefined" ? "Missing" : "Expected an object";
});

/** The result of valibot's `safeParse`, reduced to the fields used here. */
interface Validation {
  readonly issues: readonly v.BaseIssue<unknown>[] | undefined;
  readonly output: unknown;
}

/**
 * Faults of a value that does not fit its schema. Stops one above the limit that is listed, since a body can
 * have a hundred thousand.
 *
 * @param base path of the value in the body
 */
export function faultsOf({ issues = [], output }: Validation, base: Keys = []): Fault[] {
  const faults = issues.slice(0, MAX_FAULTS + 1).flatMap(({ path = [], ...issue }) => {
    const keys = path.map(({ key }) => (typeof key === "number" ? key : String(key)));
    const isUnknown = issue.type === "strict_object" && issue.expected === "never";
    const places = isUnknown ? unknownFields(keys, path.at(-1), output) : [keys];
    const detail = issue.message.slice(0, MAX_DETAIL_CHARACTERS);
    return places.map((place) => ({ pointer: jsonPointer([...base, ...place]), detail }));
  });
  return faults.slice(0, MAX_FAULTS + 1);
}

type Keys = readonly (string | number)[];

/**
 * Paths of an object's unknown fields. A strict object of valibot reports only the first; the others are
 * found by comparison with its output, which holds the known fields.
 */
function unknownFields(first: Keys, item: v.IssuePathItem | undefined, output: unknown): Keys[] {
  const parent = first.slice(0, -1);
  const known = parent.reduce<unknown>((value, key) => Reflect.get(Object(value), key), output);
  if (known === item?.input) return [first];
  const keys = Object.keys(Object(item?.input)).filter((key) => !Object.hasOwn(Object(known), key));
  return keys.slice(0, MAX_FAULTS + 1).map((key) => parent.concat(key));
}

/** Optional parts of a refusal. */
export interface DomainErrorOptions {
  /** All faults, for `invalid-body`. */
  readonly errors?: readonly Fault[];
  /** Extension members of the problem document (RFC 9457 §3.2). */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Seconds after which a retry may succeed. */
  readonly retryAfterSeconds?: number;
  /** The underlying error, for the log. */
  readonly cause?: unknown;
}

/** Faults that are listed of one body, at most. */
export const MAX_FAULTS = 100;

/**
 * The refusal of a body with these faults, of which the first hundred are listed. `count` is the total, if
 * `faults` has only a part.
 */
export function invalidBody(faults: readonly Fault[], count = faults.length): DomainError {
  const many = count > MAX_FAULTS ? `More than ${MAX_FAULTS}` : String(count);
  const detail = `${many} ${count === 1 ? "fault" : "faults"} in the body; see errors.`;
  return new DomainError("invalid-body", detail, { errors: faults.slice(0, MAX_FAULTS) });
}

/** A refusal. `detail` is shown to the caller: it says what was refused and what to do instead. */
export class DomainError extends Error {
  override readonly name = "DomainError";
  readonly code: DomainCode;
  readonly options: DomainErrorOptions;

  constructor(code: DomainCode, detail: string, options: DomainErrorOptions = {}) {
    super(detail);
    this.code = code;
    this.options = options;
  }
}

/** A refusal as a plain value, since an error loses its class on its way between Durable Objects. */
export interface Refusal {
  readonly status: "refused";
  readonly code: DomainCode;
  readonly detail: string;
  readonly errors?: readonly Fault[];
}

/** Creates the refusal that a Durable Object returns. */
export function refused(code: DomainCode, detail: string, errors?: readonly Fault[]): Refusal {
  return { status: "refused", code, detail, ...(errors && { errors }) };
}
