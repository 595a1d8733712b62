// Converts the bytes of a response into a value that fits into JSON.
import { parseExactJson } from "../../lib/exact-json";
import { HeldJson, textsOf, type HeldForm } from "../../lib/held-json";
import { isJson } from "../../lib/is-json";
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

const AUTO: Reading = { as: "auto", charset: null };

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
  { as, charset }: Reading = AUTO,
): ResponseBody {
  const type = mediaTypeOf(contentType);
  const label = charset ?? type.charset;
  let text: string | undefined;
  const decode = () => (text ??= decodeText(bytes, label));
  const form = as === "auto" ? formOf(type.essence, bytes, () => [decode()]) : as;
  if (form === "base64") return { body_type: "base64", body: bytes.toBase64() };
  const json = form === "json" ? parseBounded(decode(), bytes, label) : null;
  return json ?? { body_type: "text", body: decode() };
}

/**
 * Reads a large body as `decodeBody` does, but leaves it in its bytes, which then belong to the result: JSON is passed on
 * as it is written.
 */
export function holdBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string | null,
  { as, charset }: Reading = AUTO,
): ResponseBody {
  const type = mediaTypeOf(contentType);
  const label = charset ?? type.charset;
  const utf8 = isUtf8(bytes, label) ? withoutMark(bytes) : toUtf8(decodeText(bytes, label));
  const form = as === "auto" ? formOf(type.essence, bytes, () => textsOf(utf8)) : as;
  if (form === "base64") return held(bytes, form);
  const isDocument =
    form === "json" && scanJson(utf8, JSON_LIMITS, () => true).excess === null && isJson(utf8);
  return held(utf8, isDocument ? "json" : "text");
}

function held(bytes: Uint8Array<ArrayBuffer>, form: HeldForm): ResponseBody {
  return { body_type: form, body: new HeldJson({ bytes, form }) };
}

function withoutMark(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const [first, second, third] = bytes;
  return first === 0xef && second === 0xbb && third === 0xbf ? bytes.subarray(3) : bytes;
}

function toUtf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new TextEncoder().encode(text));
}

/** The form of a body by its media type, and by its texts where that says nothing. */
function formOf(essence: string, bytes: Uint8Array, texts: () => Iterable<string>): HeldForm {
  const isDeclared = JSON_TYPE.test(essence) || TEXT_TYPE.test(essence) || hasMark(bytes);
  if (!isDeclared) for (const text of texts()) if (BINARY.test(text)) return "base64";
  if (JSON_TYPE.test(essence)) return "json";
  if (!UNDECLARED_JSON.has(essence)) return "text";
  const [first = ""] = texts();
  return FIRST_OF_JSON.test(first) ? "json" : "text";
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
  const utf8 = isUtf8(bytes, label) ? bytes : toUtf8(text);
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

/** Bytes that no text holds (MIME Sniffing, "binary data byte"), of which each would take six in JSON, or that do not decode. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\ufffd]/;
