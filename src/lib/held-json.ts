// JSON that stays in the bytes that it was read from until it is written: parsed, or as texts, it would be in memory
// several times.
import { readExactJson } from "./exact-json";
import { freeBytes } from "./free-bytes";

/** Bytes that are written at a time, of which three make four characters of base64. */
const PIECE_BYTES = 12 * 1024;

/** What bytes are: JSON in UTF-8 without line breaks, a text, or data of which the base64 is written. */
export type HeldForm = "json" | "text" | "base64";

/** The parts of a `HeldJson`, as they cross to another invocation. */
export interface HeldParts {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly form: HeldForm;
  /** Of a text; `utf-8` for the others. */
  readonly encoding: string;
}

/** A JSON value that is held as bytes, which it has to itself. Bytes that are no text become U+FFFD. */
export class HeldJson {
  readonly parts: HeldParts;

  constructor(parts: HeldParts) {
    this.parts = parts;
  }

  /** About as many characters as the JSON has. */
  get length(): number {
    return this.parts.bytes.byteLength;
  }

  /** The texts that make up the JSON. */
  *pieces(): Generator<string> {
    const { bytes, form, encoding } = this.parts;
    if (form === "json") return yield* textsOf(bytes, encoding);
    yield '"';
    if (form === "base64") for (const piece of piecesOf(bytes)) yield piece.toBase64();
    else for (const text of textsOf(bytes, encoding)) yield JSON.stringify(text).slice(1, -1);
    yield '"';
  }

  /** The value, for whoever needs it after all. */
  toJSON(): unknown {
    const { bytes, form, encoding } = this.parts;
    if (form === "base64") return bytes.toBase64();
    const text = new TextDecoder(encoding).decode(bytes);
    return form === "text" ? text : readExactJson(text);
  }

  /** Gives the memory back, once it is written. */
  free(): void {
    freeBytes([this.parts.bytes]);
  }
}

/** True if the body of one of these is held as bytes. */
export function holdsJson(results: readonly { readonly body?: unknown }[]): boolean {
  return results.some(({ body }) => body instanceof HeldJson);
}

/** Gives the memory of a receipt's body back. */
export function freeHeld(receipt: unknown): void {
  const { body }: { readonly body?: unknown } = Object(receipt);
  if (body instanceof HeldJson) body.free();
}

/**
 * Decodes bytes piece by piece.
 *
 * @throws TypeError for what does not decode if `fatal`; otherwise that becomes U+FFFD
 */
export function* textsOf(bytes: Uint8Array, encoding: string, fatal = false): Generator<string> {
  const decoder = new TextDecoder(encoding, { fatal, ignoreBOM: false });
  for (const piece of piecesOf(bytes)) yield decoder.decode(piece, { stream: true });
  yield decoder.decode();
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += PIECE_BYTES)
    yield bytes.subarray(from, from + PIECE_BYTES);
}
