// Converts the bytes of a response into a value that fits into JSON.
import { scanJson } from "../../lib/json-scan";
import { MAX_JSON_DEPTH, MAX_JSON_WEIGHT } from "../platform";

/** A response's body as JSON; `base64` for bytes that are not text. */
export interface ResponseBody {
  readonly body_type: "json" | "text" | "base64";
  readonly body: unknown;
}

/** A JSON MIME type (MIME Sniffing §4.6). */
const JSON_TYPE = /^(?:application|text)\/json$|\+json$/;

/**
 * Decodes a body by its media type: JSON if it is declared and parses; text if the bytes decode without error
 * in the declared charset (UTF-8 by default) and hold no control characters; base64 otherwise.
 */
export function decodeBody(
  bytes: Uint8Array<ArrayBuffer>,
  contentType: string | null,
): ResponseBody {
  const [essence = "", ...parameters] = (contentType ?? "").toLowerCase().split(";");
  const charset = parameters
    .map((part) => /^\s*charset="?([^"\s]+)"?/.exec(part)?.[1])
    .find(Boolean);
  const text = decodeText(bytes, charset ?? "utf-8");
  if (text === null || BINARY.test(text)) return { body_type: "base64", body: bytes.toBase64() };
  // JSON nested deeper than this stays text: walking or serialising it would overflow the stack.
  const value = JSON_TYPE.test(essence.trim()) && isBounded(text) ? parseJson(text) : undefined;
  return value === undefined
    ? { body_type: "text", body: text }
    : { body_type: "json", body: value };
}

function isBounded(text: string): boolean {
  const limits = { maxDepth: MAX_JSON_DEPTH, maxWeight: MAX_JSON_WEIGHT };
  return scanJson(new TextEncoder().encode(text), limits).excess === null;
}

/**
 * The parsed value, or undefined if the body is declared as JSON but does not parse: then the caller gets its
 * text.
 */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decodeText(bytes: Uint8Array<ArrayBuffer>, charset: string): string | null {
  try {
    return new TextDecoder(charset, { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return null;
  }
}

/** Bytes that no text holds (MIME Sniffing, "binary data byte"). In JSON each would take six. */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const BINARY = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/;
