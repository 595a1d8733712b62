// The only reader of request bodies: media type, size, structure, encoding, JSON, numbers and schema, in
// this order, each with its own refusal.
import * as v from "valibot";
import { faultsOf, invalidBody, MAX_DETAIL_CHARACTERS, type Fault } from "../domain/errors";
import { yieldToOthers } from "../runtime/yield-to-others";
import { inspectJson } from "./json";
import { HttpError } from "./problem";
import { RawBody } from "./raw-body";

/** From here on parsing takes the better part of a millisecond. */
const LARGE_BODY_BYTES = 32 * 1024;

/** Refuses invalid UTF-8 instead of replacing it; drops a byte order mark (RFC 8259 §8.1 lets it). */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** What a route takes. */
export interface BodyRules {
  readonly schema: v.GenericSchema;
  readonly maxBytes: number;
  /** Media types that hold a JSON document. */
  readonly jsonTypes: readonly string[];
  /** Media types that are left to the handler. */
  readonly rawTypes: readonly string[];
  /** Makes ready what the schema needs for this body; undefined where nothing is to be waited for. */
  readonly prepare?: ((value: unknown) => Promise<void> | undefined) | undefined;
  /** What else is wrong with a body that does not fit the schema. */
  readonly moreFaults?: ((value: unknown) => Faults) | undefined;
}

type Faults = readonly Fault[] | Promise<readonly Fault[]>;

/**
 * Reads a body: a JSON document parsed and validated, anything else as it is.
 *
 * @throws HttpError `unsupported-media-type`, `body-too-large`, `malformed-json`
 * @throws DomainError `invalid-body` with all faults at once, at most 100
 */
export async function readBody(request: Request, rules: BodyRules): Promise<unknown> {
  const mediaType = requireMediaType(request.headers, [...rules.jsonTypes, ...rules.rawTypes]);
  if (rules.rawTypes.includes(mediaType)) {
    const bytes = await readBytes(request, rules.maxBytes);
    if (isLarge(bytes)) await yieldToOthers();
    return new RawBody(mediaType, bytes);
  }
  const { text, faults } = await readJsonText(request, rules.maxBytes);
  const value = parseJson(text);
  // Parsing cannot be interrupted: of many large bodies that come at once, one at a time.
  if (text.length > LARGE_BODY_BYTES) await yieldToOthers();
  const preparing = rules.prepare?.(value);
  if (preparing !== undefined) await preparing;
  const result = judge(value, rules.schema);
  if (result.success && faults.length === 0) return result.output;
  throw invalidBody([...faults, ...faultsOf(result), ...((await rules.moreFaults?.(value)) ?? [])]);
}

/**
 * The text of a JSON body, once its structure was judged, with what is wrong with its numbers. A function
 * of its own: the bytes are free before the text is parsed.
 */
async function readJsonText(request: Request, maxBytes: number) {
  const bytes = await readBytes(request, maxBytes);
  if (isLarge(bytes)) await yieldToOthers();
  const { excess, faults } = inspectJson(bytes);
  if (excess !== null) throw new HttpError("body-too-large", `The body is ${excess}.`);
  return { text: decodeUtf8(bytes), faults };
}

function isLarge({ byteLength }: Uint8Array): boolean {
  return byteLength > LARGE_BODY_BYTES;
}

/** What the schema says. To valibot a list is an object that has none of the fields; to JSON it is none. */
function judge(value: unknown, schema: v.GenericSchema) {
  return v.safeParse(
    schema,
    Array.isArray(value) && schema.type === "strict_object" ? null : value,
  );
}

/** The body's media type, which must be one of these, in UTF-8 and not encoded. */
function requireMediaType(headers: Headers, mediaTypes: readonly string[]): string {
  const [essence = "", ...parameters] = (headers.get("Content-Type") ?? "")
    .toLowerCase()
    .split(";");
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  const isPlain = (headers.get("Content-Encoding") ?? "identity").toLowerCase() === "identity";
  const mediaType = essence.trim();
  if (mediaTypes.includes(mediaType) && isUtf8 && isPlain) return mediaType;
  throw new HttpError(
    "unsupported-media-type",
    `Send the body as ${mediaTypes.join(" or ")}, in UTF-8 and without a Content-Encoding.`,
    { Accept: mediaTypes.join(", ") },
  );
}

/** The whole body, refused while reading once it is over `maxBytes`. */
async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = request.headers.get("Content-Length");
  // The runtime holds a body to its declared length, so this one can be taken in one go.
  if (declared !== null && Number(declared) <= maxBytes) {
    return new Uint8Array(await request.arrayBuffer());
  }
  if (declared !== null || request.body === null) {
    if (request.body === null) return new Uint8Array();
    throw tooLarge(maxBytes);
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of request.body) {
    length += chunk.byteLength;
    if (length > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

function tooLarge(maxBytes: number): HttpError {
  return new HttpError("body-too-large", `The body may have at most ${maxBytes} bytes.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = error instanceof Error ? error.message.slice(0, MAX_DETAIL_CHARACTERS) : "";
    throw new HttpError("malformed-json", `The body is not JSON: ${why}.`);
  }
}

/** The text of a body. @throws HttpError `malformed-json` for what is not UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new HttpError("malformed-json", "The body is not UTF-8.");
  }
}
