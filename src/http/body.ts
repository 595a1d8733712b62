// Reads all request bodies: checks media type, size, structure, encoding, JSON, numbers and schema, in this
// order, each with a refusal of its own.
import * as v from "valibot";
import { faultsOf, invalidBody, MAX_DETAIL_CHARACTERS, type Fault } from "../domain/errors";
import { inspectJson, isSound } from "../domain/inspect-json";
import { MAX_ITEM_CHARACTERS } from "../domain/platform";
import { jsonPointer } from "../lib/json-pointer";
import { splitJson, type JsonList } from "../lib/json-list";
import { readCapped } from "../lib/read-capped";
import { yieldToOthers } from "../runtime/yield-to-others";
import { HttpError } from "./problem";
import { RawBody } from "./raw-body";

/**
 * Bytes from which a list is parsed one element at a time: to parse them at once takes some milliseconds at worst. No
 * JSON of less exceeds the limit of weight: the heaviest, `[{},{},…]`, weighs five for each three bytes.
 */
const LARGE_BODY_BYTES = 256 * 1024;
/** Characters of the texts in one element of a list: an item beside its id has no more. */
const MAX_ELEMENT_CHARACTERS = MAX_ITEM_CHARACTERS + 1024;
/** Elements of a list after which other requests of the isolate get to run. */
const ELEMENTS_PER_TURN = 1000;

/** Refuses invalid UTF-8 instead of replacing it, and drops a byte order mark, as RFC 8259 §8.1 allows. */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** The body that a route takes. */
export interface BodyRules {
  /** True if there may be none. */
  readonly isOptional?: boolean | undefined;
  readonly schema: v.GenericSchema;
  readonly maxBytes: number;
  /** The member of the document that is a list; in a large body it becomes a `JsonList` instead of an array. */
  readonly listName?: string | undefined;
  /** Media types that hold a JSON document. */
  readonly jsonTypes: readonly string[];
  /** Media types that the handler reads itself. */
  readonly rawTypes: readonly string[];
  /** Loads what the schema needs for this body; returns undefined if nothing must be awaited. */
  readonly prepare?: ((value: unknown) => Promise<void> | undefined) | undefined;
  /** Media types of forms, which are read by `readForm`; here only to be named in a refusal. */
  readonly formTypes?: readonly string[];
}

/** Finds further faults of a body that does not fit the schema. */
export type FindMore = (value: unknown) => readonly Fault[] | Promise<readonly Fault[]>;

/**
 * Reads a body: parses and validates JSON, returns anything else unread. The result may be a promise.
 *
 * @throws HttpError `unsupported-media-type`, `body-too-large`, `malformed-json`
 * @throws DomainError `invalid-body` with all faults at once, at most 100
 */
export function readBody(request: Request, rules: BodyRules, findMore?: FindMore): unknown {
  if (rules.isOptional === true && isEmpty(request)) return undefined;
  const { mediaType, parameters } = requireMediaType(request.headers, rules);
  if (rules.rawTypes.includes(mediaType)) {
    return new RawBody(mediaType, parameters, request.body ?? new Blob([]).stream());
  }
  if (isShort(request, rules.maxBytes))
    return request
      .arrayBuffer()
      .then((buffer) => parseShort(new Uint8Array(buffer), rules, findMore), refuseBroken);
  // In two steps, so that the bytes are freed before their text is parsed.
  return readLarge(request, rules.maxBytes)
    .then((bytes) => inspect(bytes, rules))
    .then((inspected) => parse(inspected, rules, findMore));
}

/** Parses first, and looks at the bytes only if there may be something to find. */
function parseShort(
  bytes: Uint8Array<ArrayBuffer>,
  rules: BodyRules,
  findMore: FindMore | undefined,
): unknown {
  const value = parsed(bytes);
  return value !== undefined && isSound(value)
    ? validate(value, rules, [], findMore)
    : parse(inspect(bytes, rules), rules, findMore);
}

/** The value of JSON in UTF-8; undefined if it is none. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    return undefined;
  }
}

function parse(
  { text, list, faults }: Inspected,
  rules: BodyRules,
  findMore: FindMore | undefined,
): unknown {
  const value = orMalformed((): unknown => JSON.parse(text));
  const finish = () => validate(value, rules, faults, findMore);
  return text.length > LARGE_BODY_BYTES || list !== null
    ? settle(value, list, rules).then(finish)
    : finish();
}

async function settle(
  value: unknown,
  list: JsonList | null,
  { listName = "" }: BodyRules,
): Promise<void> {
  // Parsing cannot be interrupted, so many large bodies that arrive at once are parsed one after another.
  await yieldToOthers();
  if (list === null) return;
  await verify(list, listName);
  Reflect.set(Object(value), listName, list);
}

/**
 * Parses each element once, and keeps none.
 *
 * @throws HttpError `malformed-json` unless each element is JSON
 * @throws DomainError `invalid-body` for one that is too long to be parsed
 */
async function verify(list: JsonList, name: string): Promise<void> {
  const long = list.firstLongerThan(MAX_ELEMENT_CHARACTERS);
  if (long !== -1)
    throw invalidBody([
      {
        pointer: jsonPointer([name, long]),
        detail: `More than ${MAX_ITEM_CHARACTERS} characters as JSON`,
      },
    ]);
  const elements = list.verify();
  for (let count = 1; orMalformed(() => elements.next()).done !== true; count += 1) {
    if (count % ELEMENTS_PER_TURN === 0) await yieldToOthers();
  }
}

/**
 * Validates the value of a body.
 *
 * @param faults found while it was read
 * @throws DomainError `invalid-body` with all faults at once, at most 100
 */
export function validate(
  value: unknown,
  { schema, prepare }: BodyRules,
  faults: readonly Fault[],
  findMore?: FindMore,
): unknown {
  const loading = prepare?.(value);
  // Nearly always there is nothing to wait for.
  return loading === undefined
    ? outputOf(value, schema, faults, findMore)
    : loading.then(() => outputOf(value, schema, faults, findMore));
}

function outputOf(
  value: unknown,
  schema: v.GenericSchema,
  faults: readonly Fault[],
  findMore: FindMore | undefined,
): unknown {
  const result = judge(value, schema);
  if (result.success && faults.length === 0) return result.output;
  return refuse([...faults, ...faultsOf(result)], findMore?.(value));
}

async function refuse(faults: readonly Fault[], more: ReturnType<FindMore> = []): Promise<never> {
  throw invalidBody([...faults, ...(await more)]);
}

/** The text of a JSON body, with the faults of its numbers; the list of a large one stands apart. */
interface Inspected {
  readonly text: string;
  readonly list: JsonList | null;
  readonly faults: readonly Fault[];
}

function inspect(
  bytes: Uint8Array<ArrayBuffer>,
  { listName }: Pick<BodyRules, "listName">,
): Inspected {
  const { excess, faults } = inspectJson(bytes);
  if (excess !== null) throw new HttpError("body-too-large", `The body is ${excess}.`);
  const isSplit = listName !== undefined && bytes.byteLength > LARGE_BODY_BYTES;
  const split = isSplit ? orMalformed(() => splitJson(bytes, listName)) : null;
  return { text: split?.rest ?? decodeUtf8(bytes), list: split?.list ?? null, faults };
}

/**
 * Validates a value. To valibot an array is an object without fields, so arrays are refused here where an
 * object is expected.
 */
function judge(value: unknown, schema: v.GenericSchema) {
  return v.safeParse(
    schema,
    Array.isArray(value) && schema.type === "strict_object" ? null : value,
  );
}

/**
 * The media type of the body, which must be one of these, in UTF-8 and without Content-Encoding, with its
 * parameters by their names in lower case.
 *
 * @throws HttpError `unsupported-media-type`
 */
export function requireMediaType(
  headers: Headers,
  { jsonTypes, rawTypes, formTypes = [] }: Pick<BodyRules, "jsonTypes" | "rawTypes" | "formTypes">,
) {
  const contentType = headers.get("Content-Type") ?? "";
  // Most bodies are just that, and reading parameters takes as long as reading the body.
  if (jsonTypes.includes(contentType) && !headers.has("Content-Encoding"))
    return { mediaType: contentType, parameters: NO_PARAMETERS };
  const mediaTypes = [...jsonTypes, ...rawTypes, ...formTypes];
  const [essence = "", ...rest] = contentType.toLowerCase().split(";");
  const parameters = new Map(rest.map(parameterOf));
  const isUtf8 = /^utf-?8$/.test(parameters.get("charset") ?? "utf-8");
  const isPlain = (headers.get("Content-Encoding") ?? "identity").toLowerCase() === "identity";
  const mediaType = essence.trim();
  if (mediaTypes.includes(mediaType) && isUtf8 && isPlain) return { mediaType, parameters };
  throw new HttpError(
    "unsupported-media-type",
    `Send the body as ${mediaTypes.join(" or ")}, in UTF-8 and without a Content-Encoding.`,
    { Accept: mediaTypes.join(", ") },
  );
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map();

function isEmpty({ body, headers }: Request): boolean {
  return body === null || headers.get("Content-Length") === "0";
}

function parameterOf(text: string): [name: string, value: string] {
  const [name = "", value = ""] = text.split("=");
  return [name.trim(), value.trim().replace(/^"(.*)"$/, "$1")];
}

/**
 * Reads the whole body; stops as soon as it exceeds `maxBytes`. What follows a very large one is work for a turn of its own.
 *
 * @throws HttpError `body-too-large`; `malformed-request` for one that breaks off
 */
export function readBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  return isShort(request, maxBytes) ? readAtOnce(request) : readLarge(request, maxBytes);
}

/** True for a body that can be read at once: the runtime enforces the declared length. */
function isShort({ headers }: Request, maxBytes: number): boolean {
  const declared = headers.get("Content-Length");
  return declared !== null && Number(declared) <= Math.min(maxBytes, LARGE_BODY_BYTES);
}

async function readLarge(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const { body, headers } = request;
  if (body === null) return new Uint8Array();
  const declared = headers.get("Content-Length");
  const length = declared === null ? null : Number(declared);
  if (length !== null && !(length <= maxBytes)) throw tooLarge(maxBytes);
  const bytes = await readCapped(body, maxBytes, length ?? undefined).catch(refuseBroken);
  if (bytes === null) throw tooLarge(maxBytes);
  if (bytes.byteLength > LARGE_BODY_BYTES) await yieldToOthers();
  return bytes;
}

function readAtOnce(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  return request.arrayBuffer().then((buffer) => new Uint8Array(buffer), refuseBroken);
}

/** Refuses a body whose end never comes, such as one in malformed chunks. */
function refuseBroken(): never {
  throw new HttpError("malformed-request", "The body broke off before its end. Send it again.");
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError("body-too-large", `The body may have at most ${maxBytes} bytes.`);
}

/** Runs what decodes and parses. @throws HttpError `malformed-json` where it cannot */
function orMalformed<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw new HttpError("malformed-json", NOT_UTF8);
    const why = error.message.slice(0, MAX_DETAIL_CHARACTERS);
    throw new HttpError("malformed-json", `The body is not JSON: ${why}.`);
  }
}

const NOT_UTF8 = "The body is not UTF-8.";

/**
 * Decodes the text of a body.
 *
 * @throws HttpError `malformed-json` if it is not UTF-8
 */
export function decodeUtf8(bytes: Uint8Array): string {
  return orMalformed(() => utf8.decode(bytes));
}
