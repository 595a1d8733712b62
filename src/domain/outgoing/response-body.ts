// Converts the bytes of a response into a value that fits into JSON.
import { isDeeperThan } from "../../lib/json-depth";
import { MAX_JSON_DEPTH } from "../platform";

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
  const value = JSON_TYPE.test(essence.trim()) ? parseJson(text) : undefined;
  // JSON nested deeper than this stays text: walking or serialising it would overflow the stack.
  if (value === undefined || isDeeperThan(value, MAX_JSON_DEPTH))
    return { body_type: "text", body: text };
  return { body_type: "json", body: value };
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
