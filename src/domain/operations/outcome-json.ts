// The JSON of outcomes, written while they are made, so that what it was made of becomes free, and bounded by its
// bytes.
import { forget } from "../../lib/forget";
import { freeBytes } from "../../lib/free-bytes";
import { elementPieces, jsonPieces } from "../../lib/json-pieces";
import { WrittenPieces } from "../../lib/written-pieces";
import { OperationError } from "./errors";
import { bytesOver, isFarOver, MAX_REPLY_BYTES } from "./limits";
import type { Start } from "./run";

const encoder = new TextEncoder();

/** Characters below which texts are joined before they are encoded. */
const SHORT_CHARS = 8 * 1024;
/** Bytes of the buffers that are filled. */
const PIECE_BYTES = 64 * 1024;
/** Bytes of the longest character in UTF-8. */
const MAX_CHARACTER_BYTES = 4;

/** Writes parts of one reply, whose bytes are bounded together. */
export class ReplyJson {
  bytesLeft = MAX_REPLY_BYTES;

  /**
   * Writes an object with the outcome of a pipeline in it.
   *
   * @param head members before the outcome
   * @param tail makes the members after it
   * @returns its JSON in UTF-8, in pieces
   * @throws OperationError `too-large` if the reply would be too long, saying how long
   */
  async write(head: object, start: Start, tail: () => object = () => ({})): Promise<Uint8Array[]> {
    const json = new OutcomeJson(this);
    try {
      json.add(JSON.stringify(head).slice(0, -1));
      const outcome = await start((outputs) => json.addItems(outputs));
      if ("value" in outcome) json.addMember("value", outcome.value);
      else json.endItems(outcome.processed_items);
      json.addMember("errors", outcome.errors);
      for (const [name, value] of Object.entries(tail())) json.addMember(name, value);
      json.add("}");
      return json.end();
    } catch (error) {
      json.drop();
      throw error;
    }
  }
}

/** The JSON of one outcome while it is made. */
class OutcomeJson {
  readonly #reply: ReplyJson;
  /** Full buffers, and the one that is being filled. */
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #piece = new Uint8Array(0);
  #filled = 0;
  /** Text that waits to be encoded. */
  #text = "";
  #bytes = 0;
  /** False once it does not fit. */
  #isWhole = true;
  #items = 0;

  constructor(reply: ReplyJson) {
    this.#reply = reply;
  }

  add(text: string): void {
    if (text.length >= SHORT_CHARS) {
      // Joined to what waits, it would be copied.
      this.#encode(this.#text);
      this.#text = "";
      this.#encode(text);
    } else this.#text += text;
    if (this.#text.length < SHORT_CHARS) return;
    this.#encode(this.#text);
    this.#text = "";
  }

  addMember(name: string, value: unknown): void {
    this.add(`,${JSON.stringify(name)}:`);
    for (const piece of jsonPieces(value)) this.add(piece);
  }

  /** Adds elements to the list of processed items. */
  addItems(outputs: readonly unknown[]): void {
    if (outputs.length === 0) return;
    this.add(this.#items === 0 ? ITEMS : ",");
    this.#items += outputs.length;
    for (const piece of elementPieces(outputs)) this.add(piece);
    for (const output of outputs) if (output instanceof WrittenPieces) output.free();
  }

  /** Adds the last elements. */
  endItems(outputs: unknown[]): void {
    this.addItems(outputs);
    forget(outputs);
    this.add(this.#items === 0 ? `${ITEMS}]` : "]");
  }

  end(): Uint8Array[] {
    this.#encode(this.#text);
    if (!this.#isWhole) throw tooLong(this.#bytes, this.#reply.bytesLeft);
    return [...this.#pieces, this.#piece.subarray(0, this.#filled)];
  }

  /** Gives back what was taken, and its memory. */
  drop(): void {
    if (this.#isWhole) this.#reply.bytesLeft += this.#bytes;
    this.#isWhole = false;
    freeBytes([...this.#pieces, this.#piece]);
    this.#pieces = [];
    this.#piece = new Uint8Array(PIECE_BYTES);
  }

  #encode(given: string): void {
    for (let text = given; text !== "";) {
      if (this.#filled + MAX_CHARACTER_BYTES > this.#piece.length) this.#turnPiece();
      const { read, written } = encoder.encodeInto(text, this.#piece.subarray(this.#filled));
      text = text.slice(read);
      this.#filled += written;
      // Bytes beyond the bound are only counted.
      if (this.#isWhole && written > this.#reply.bytesLeft) this.drop();
      if (this.#isWhole) this.#reply.bytesLeft -= written;
      this.#bytes += written;
      if (isFarOver(this.#bytes, MAX_REPLY_BYTES))
        throw tooLong(this.#bytes, this.#reply.bytesLeft);
    }
  }

  /** Begins a new piece, or the same anew if nothing is kept. */
  #turnPiece(): void {
    if (this.#isWhole) {
      if (this.#filled > 0) this.#pieces.push(this.#piece.subarray(0, this.#filled));
      this.#piece = new Uint8Array(PIECE_BYTES);
    }
    this.#filled = 0;
  }
}

const ITEMS = `,"processed_items":[`;

function tooLong(bytes: number, left: number): OperationError {
  const bound = `a reply has at most ${MAX_REPLY_BYTES} bytes (16 MiB)`;
  const rest = left < MAX_REPLY_BYTES ? `, of which ${left} are left` : "";
  return new OperationError(
    "too-large",
    `The result is ${bytesOver(bytes, MAX_REPLY_BYTES)} bytes of JSON; ${bound}${rest}`,
  );
}
