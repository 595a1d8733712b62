// The only reader of request bodies: media type, size, encoding, JSON and schema, in this order, each
// with its own refusal.
import * as v from "valibot";
import { faultsOf, invalidBody, MAX_DETAIL_CHARACTERS, type Fault } from "../domain/errors";
import { MAX_JSON_DEPTH } from "../domain/platform";
import { isDeeperThan } from "../lib/json-depth";
import { yieldToOthers } from "../runtime/yield-to-others";
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
  const bytes = await readBytes(request, rules.maxBytes);
  // Parsing cannot be interrupted: of many large bodies that come at once, one at a time.
  const isLarge = bytes.byteLength > LARGE_BODY_BYTES;
  if (isLarge) await yieldToOthers();
  if (rules.rawTypes.includes(mediaType)) return new RawBody(mediaType, bytes);
  const value = parseJson(bytes);
  if (isLarge) await yieldToOthers();
  // Each level takes two bytes, so a short body cannot be deep.
  if (bytes.byteLength > 2 * MAX_JSON_DEPTH && isDeeperThan(value, MAX_JSON_DEPTH)) {
    throw invalidBody([{ pointer: "#", detail: `Nested deeper than ${MAX_JSON_DEPTH} levels` }]);
  }
  const preparing = rules.prepare?.(value);
  if (preparing !== undefined) await preparing;
  const result = judge(value, rules.schema);
  if (result.success) return result.output;
  throw invalidBody([...faultsOf(result), ...((await rules.moreFaults?.(value)) ?? [])]);
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

function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
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
