// Converts the bytes of a response into a value that fits into JSON.
import { parseExactJson } from "../../lib/exact-json";
import { isHeldExactly, scanJson } from "../../lib/json-scan";
import { MAX_JSON_DEPTH, MAX_JSON_WEIGHT } from "../platform";
import { decodeText, isUtf8 } from "./charset";
import { mediaTypeOf } from "./media-type";

/** A response's body as JSON; `base64` for bytes that are not text. */
export interface ResponseBody {
  readonly body_type: "json" | "text" | "base64";
  readonly body: unknown;
  /** True if numbers in it are kept as their source; see `parseExactJson`. */
  readonly hasExactNumbers?: boolean;
}

/** A caller's wishes for the reading of a body. */
export interface Reading {
  /** `auto`: by the media type. */
  readonly as: "auto" | "json" | "text" | "base64";
  /** The label of an encoding, in place of the declared one; null for that. */
  readonly charset: string | null;
}

/** JSON media types (MIME Sniffing §4.6), and one that was used before the standard. */
const JSON_TYPE = /^(?:application\/(?:x-)?json|text\/json)$|\+json$/;
/** Types under which some servers send JSON: where it begins like a document and parses, it is one. */
const UNDECLARED_JSON = new Set(["", "text/plain"]);
const FIRST_OF_JSON = /^[\t\n\r ]*[{[]/;
/** Types whose bytes are text, whatever is in them. */
const TEXT_TYPE =
  /^text\/|\+(?:xml|yaml)$|^application\/(?:xml|(?:x-)?javascript|ecmascript|(?:x-)?yaml|toml|sql|graphql|(?:x-)?ndjson|jsonl|json-seq|xhtml|x-www-form-urlencoded|http|rtf)$|^message\//;
const JSON_LIMITS = { maxDepth: MAX_JSON_DEPTH, maxWeight: MAX_JSON_WEIGHT };

/**
 * Decodes a body. By its media type it is JSON, if it parses; text, where bytes that do not decode become
 * U+FFFD; or base64. Types that say nothing are text where the bytes look like it.
 */
export function decodeBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string | null,
  { as, charset }: Reading = { as: "auto", charset: null },
): ResponseBody {
  if (as === "base64") return toBase64(bytes);
  const type = mediaTypeOf(contentType);
  const label = charset ?? type.charset;
  const text = decodeText(bytes, label);
  if (as === "text") return { body_type: "text", body: text };
  if (as === "auto" && !isText(type.essence, bytes, text)) return toBase64(bytes);
  const json =
    as === "json" || mayBeJson(type.essence, text) ? parseBounded(text, bytes, label) : null;
  return json ?? { body_type: "text", body: text };
}

function isText(essence: string, bytes: Uint8Array, text: string): boolean {
  if (JSON_TYPE.test(essence) || TEXT_TYPE.test(essence) || hasMark(bytes)) return true;
  return !BINARY.test(text) && !text.includes("\ufffd");
}

function mayBeJson(essence: string, text: string): boolean {
  return JSON_TYPE.test(essence) || (UNDECLARED_JSON.has(essence) && FIRST_OF_JSON.test(text));
}

function toBase64(bytes: Uint8Array<ArrayBuffer>): ResponseBody {
  return { body_type: "base64", body: bytes.toBase64() };
}

/** True for a byte order mark of UTF-16; in UTF-8 the bytes speak for themselves. */
function hasMark([first = 0, second = 0]: Uint8Array): boolean {
  return first + second === 0xff + 0xfe && Math.abs(first - second) === 1;
}

/** The document, or null if it does not parse, or is so deep that walking it would overflow the stack. */
function parseBounded(
  text: string,
  bytes: Uint8Array<ArrayBuffer>,
  label: string | null,
): ResponseBody | null {
  const utf8 = isUtf8(bytes, label) ? bytes : new TextEncoder().encode(text);
  const { excess, inexact } = scanJson(utf8, JSON_LIMITS, isHeldExactly);
  if (excess !== null) return null;
  const hasExactNumbers = inexact.length > 0;
  try {
    const body: unknown = hasExactNumbers ? parseExactJson(text) : JSON.parse(text);
    return { body_type: "json", body, ...(hasExactNumbers && { hasExactNumbers }) };
  } catch {
    return null;
  }
}

/** Bytes that no text holds (MIME Sniffing, "binary data byte"). In JSON each would take six. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;
