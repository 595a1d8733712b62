// The only reader of request bodies: media type, size, encoding, JSON and schema, in this order, each
// with its own refusal.
import * as v from "valibot";
import { DomainError, type Fault } from "../domain/errors";
import { isDeeperThan } from "../lib/json-depth";
import { jsonPointer } from "../lib/json-pointer";
import { HttpError } from "./problem";

/** The limit for all bodies that do not name their own. */
export const MAX_BODY_BYTES = 1024 * 1024;
/** Far below where recursion overflows the stack, far above what people send. */
const MAX_JSON_DEPTH = 256;
const MAX_FAULTS = 100;
const MAX_DETAIL_CHARACTERS = 300;

/** Refuses invalid UTF-8 instead of replacing it; drops a byte order mark (RFC 8259 §8.1 lets it). */
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/**
 * Reads, parses and validates a JSON body.
 *
 * @throws HttpError `unsupported-media-type`, `body-too-large`, `malformed-json`
 * @throws DomainError `invalid-body` with all faults at once, at most 100
 */
export async function readJson<S extends v.GenericSchema>(
  request: Request,
  schema: S,
  { maxBytes, mediaTypes }: { maxBytes: number; mediaTypes: readonly string[] },
): Promise<v.InferOutput<S>> {
  requireJson(request.headers, mediaTypes);
  const bytes = await readBytes(request, maxBytes);
  const value = parseJson(bytes);
  // Each level takes two bytes, so a short body cannot be deep.
  if (bytes.byteLength > 2 * MAX_JSON_DEPTH && isDeeperThan(value, MAX_JSON_DEPTH)) {
    const detail = `Nested deeper than ${MAX_JSON_DEPTH} levels.`;
    throw new DomainError("invalid-body", detail, { errors: [{ pointer: "#", detail }] });
  }
  return validate(schema, value);
}

/** @throws DomainError `invalid-body` with all faults at once, at most 100 */
export function validate<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const errors = result.issues.slice(0, MAX_FAULTS).map(toFault);
  const count = result.issues.length;
  throw new DomainError(
    "invalid-body",
    `${count} ${count === 1 ? "fault" : "faults"} in the body; see errors.`,
    { errors },
  );
}

function toFault(issue: v.BaseIssue<unknown>): Fault {
  const path = issue.path?.map(({ key }) => (typeof key === "number" ? key : String(key))) ?? [];
  return { pointer: jsonPointer(path), detail: issue.message.slice(0, MAX_DETAIL_CHARACTERS) };
}

function requireJson(headers: Headers, mediaTypes: readonly string[]): void {
  const [essence = "", ...parameters] = (headers.get("Content-Type") ?? "")
    .toLowerCase()
    .split(";");
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith("charset="));
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset);
  const isPlain = (headers.get("Content-Encoding") ?? "identity") === "identity";
  if (mediaTypes.includes(essence.trim()) && isUtf8 && isPlain) return;
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
  const chunks: Uint8Array[] = [];
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
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    const detail =
      error instanceof SyntaxError
        ? `The body is not JSON: ${error.message.slice(0, MAX_DETAIL_CHARACTERS)}.`
        : "The body is not UTF-8.";
    throw new HttpError("malformed-json", detail);
  }
}
