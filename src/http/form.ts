// Forms: another reading of a body. Fields become the value that the same route takes as JSON, so that one
// schema, one handler and one idempotency serve both.
import { DomainError, type Fault } from "../domain/errors";
import { jsonPointer } from "../lib/json-pointer";
import { readBytes, requireMediaType, validate, type BodyRules, type FindMore } from "./body";
import { decodeForm, FORM_TYPES, type FormField } from "./form-fields";
import { METADATA, toBody } from "./form-value";
import { prefersStrict } from "./prefer";
import { accepts } from "./reply";
import type { RequestContext } from "./request-context";

/** The part of a route's definition that concerns forms. */
export interface FormRules {
  /**
   * Other names for fields of the schema. A field of such a name stands for the schema's, unless that is
   * filled in too.
   */
  readonly aliases: Readonly<Record<string, string>>;
}

/** A form as it was sent. */
export interface Form {
  /** All fields of the page, without those that are for us. */
  readonly fields: readonly FormField[];
  readonly fileNames: readonly string[];
  /** `_next` as it was written, or null. */
  readonly next: string | null;
  /** `cf-turnstile-response`: proof that the visitor is a person; null if there is none. */
  readonly challengeToken: string | null;
  /** True if `_gotcha` is filled in, a field that people do not see: a program filled in the form. */
  readonly isTrapped: boolean;
}

/** The field that hides from people. */
const TRAP = "_gotcha";
const NEXT = "_next";
const TOKEN = "cf-turnstile-response";
const OURS: ReadonlySet<string> = new Set([TRAP, NEXT, TOKEN]);
/** In place of `email`, for a visitor who insists on an address that looks misspelt. */
export const INSISTENCE = "_email";

/** Forms by their request, since a body can be read only once. */
const forms = new WeakMap<Request, Form>();

/** The form that was read from this request; undefined for another body, and before that. */
export function formOf(request: Request): Form | undefined {
  return forms.get(request);
}

/** The essence of a request's media type, in lower case. */
function mediaTypeOf({ headers }: Request): string {
  return (headers.get("Content-Type") ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

/** True for a request whose body is a form, to a route that takes forms. */
export function isForm({ request, takesForms }: Pick<RequestContext, "request" | "takesForms">) {
  const types: readonly string[] = FORM_TYPES;
  return takesForms && types.includes(mediaTypeOf(request));
}

/**
 * True if a refusal is to be a page: a form was sent by a browser that shows the reply, perhaps in an encoding
 * that is refused.
 */
export function wantsPage({
  request,
  takesForms,
}: Pick<RequestContext, "request" | "takesForms">): boolean {
  const isJson = mediaTypeOf(request) === "application/json";
  return takesForms && !isJson && accepts(request.headers, "text/html");
}

/**
 * Reads a form.
 *
 * @throws HttpError `unsupported-media-type`, `body-too-large`, `malformed-json`, `malformed-request`
 */
export async function readForm(request: Request, rules: BodyRules): Promise<Form> {
  requireMediaType(request.headers, rules);
  const contentType = request.headers.get("Content-Type") ?? "";
  const decoded = await decodeForm(await readBytes(request, rules.maxBytes), contentType);
  const values = (wanted: string) =>
    decoded.fields.flatMap(([name, value]) => (name === wanted && value !== "" ? [value] : []));
  const form = {
    fields: decoded.fields.filter(([name]) => !OURS.has(name)),
    fileNames: decoded.fileNames,
    next: values(NEXT)[0] ?? null,
    challengeToken: values(TOKEN)[0] ?? null,
    isTrapped: values(TRAP).length > 0,
  };
  forms.set(request, form);
  return form;
}

/**
 * Validates a form as the body of its route. Faults are named after the fields of the form.
 *
 * @throws DomainError `invalid-body`
 */
export async function validateForm(
  form: Form,
  { aliases }: FormRules,
  rules: BodyRules,
  findMore?: FindMore,
): Promise<unknown> {
  const { value, sources } = toBody(form.fields, aliases, rules.schema);
  const files = form.fileNames.map((name) => {
    return { pointer: jsonPointer([name]), detail: "A file; a form takes text alone" };
  });
  try {
    return await validate(value, rules, files, findMore);
  } catch (thrown) {
    throw thrown instanceof DomainError ? renamed(thrown, sources) : thrown;
  }
}

/**
 * True if doubtful input, such as an address that looks misspelt, is to be refused instead of accepted with a
 * suggestion: with `Prefer: handling=strict` (RFC 7240 §4.4), and for a visitor who can be asked.
 */
export function refusesDoubts(request: Request): boolean {
  const form = forms.get(request);
  if (form === undefined) return prefersStrict(request.headers);
  return (
    accepts(request.headers, "text/html") && !form.fields.some(([name]) => name === INSISTENCE)
  );
}

/** The refusal with the names that the fields have in the form. */
function renamed(refusal: DomainError, sources: ReadonlyMap<string, string>): DomainError {
  const errors = refusal.options.errors?.map((fault: Fault) => {
    const [, name = "", ...rest] = fault.pointer.split("/");
    const inForm = sources.get(name);
    // A field that is unknown to the schema has become a member of the metadata.
    const isOther = name === METADATA && rest.length > 0 && inForm === undefined;
    const pointer = isOther ? ["#", ...rest] : ["#", inForm ?? name, ...rest];
    return { ...fault, pointer: pointer.join("/") };
  });
  return new DomainError(refusal.code, refusal.message, {
    ...refusal.options,
    ...(errors && { errors }),
  });
}
