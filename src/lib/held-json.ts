// JSON that stays in the bytes that it was read from until it is written: parsed, or as texts, it would be in memory
// several times.
import { freeBytes } from "./free-bytes";
import { WrittenJson } from "./written-json";

/** Bytes that are written at a time, of which three make four characters of base64. */
const PIECE_BYTES = 12 * 1024;

/** A part of JSON without line breaks, which stand outside its texts alone and would end a line of NDJSON. */
const inLine = (json: string) => json.replaceAll(/[\n\r]+/g, "");
/** A part of a text as it stands within its JSON. */
const escaped = (text: string) => JSON.stringify(text).slice(1, -1);

/** Form of bytes: JSON or a text in UTF-8, or data of which the base64 is written. */
export type HeldForm = "json" | "text" | "base64";

/** The parts of a `HeldJson`, as they cross to another invocation. */
export interface HeldParts {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly form: HeldForm;
}

/** A JSON value that is held as bytes, which it has to itself. Bytes that are no text become U+FFFD. */
export class HeldJson extends WrittenJson {
  readonly parts: HeldParts;

  constructor(parts: HeldParts) {
    super();
    this.parts = parts;
  }

  override get length(): number {
    return this.parts.bytes.byteLength;
  }

  override *texts(): Generator<string> {
    const { bytes, form } = this.parts;
    const quote = form === "json" ? "" : '"';
    yield quote;
    if (form === "base64") for (const piece of piecesOf(bytes)) yield piece.toBase64();
    else for (const text of textsOf(bytes)) yield form === "json" ? inLine(text) : escaped(text);
    yield quote;
  }

  override free(): void {
    freeBytes([this.parts.bytes]);
  }
}

/** The body of a receipt if it is held as bytes, or null. */
export function heldIn(receipt: unknown): HeldJson | null {
  const { body }: { readonly body?: unknown } = Object(receipt);
  return body instanceof HeldJson ? body : null;
}

/** Takes the body out of a receipt if it is held as bytes, and returns it; otherwise null. */
export function takeHeld(receipt: unknown): HeldJson | null {
  const held = heldIn(receipt);
  if (held !== null) Reflect.set(Object(receipt), "body", null);
  return held;
}

/** Puts it back, where it has been sent apart. */
export function putHeld(receipt: unknown, parts: HeldParts | null): void {
  if (parts !== null) Reflect.set(Object(receipt), "body", new HeldJson(parts));
}

/**
 * Decodes UTF-8 piece by piece, a byte order mark as a character.
 *
 * @throws TypeError for what does not decode if `fatal`; otherwise that becomes U+FFFD
 */
export function* textsOf(bytes: Uint8Array, fatal = false): Generator<string> {
  const decoder = new TextDecoder("utf-8", { fatal, ignoreBOM: true });
  for (const piece of piecesOf(bytes)) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES)
    yield bytes.subarray(from, from + PIECE_BYTES);
}
