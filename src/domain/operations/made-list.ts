// Lists that operations make element by element, by a generator.
import { elementPieces } from "../../lib/json-pieces";
import { restAfterJson } from "../../lib/is-json-longer";
import { WrittenList } from "../../lib/written-list";
import { ItemError } from "./errors";
import { MAX_ITEM_BYTES } from "./limits";

/** Characters of elements, as JSON, that are written together. */
const PIECE_CHARS = 32 * 1024;

const encoder = new TextEncoder();

/** True for an output whose elements are made as they are read. */
export function isMade(output: unknown): output is Iterable<unknown> {
  const isList = typeof output !== "object" || output === null || Array.isArray(output);
  return !isList && Symbol.iterator in output;
}

/**
 * The list of the elements.
 *
 * @param isWritten true if nothing but its JSON is wanted: that of a long list is written as it is made
 * @throws ItemError for one that is too large
 */
export function listOf(elements: Iterable<unknown>, isWritten: boolean): unknown {
  if (!isWritten) return [...elements];
  const list = new ListWriter();
  for (const element of elements) list.add(element);
  return list.end();
}

class ListWriter {
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** Elements that are not written yet. */
  #elements: unknown[] = [];
  #room = PIECE_CHARS;

  add(element: unknown): void {
    this.#elements.push(element);
    this.#room = restAfterJson(element, this.#room);
    if (this.#room < 0) this.#write();
  }

  /** The list as it is if it is short. */
  end(): unknown {
    if (this.#pieces.length === 0) return this.#elements;
    if (this.#elements.length > 0) this.#write();
    this.#put("]");
    return new WrittenList(this.#pieces, this.#bytes);
  }

  #write(): void {
    this.#put(this.#pieces.length === 0 ? "[" : ",");
    for (const text of elementPieces(this.#elements)) this.#put(text);
    this.#elements = [];
    this.#room = PIECE_CHARS;
  }

  #put(text: string): void {
    const piece = encoder.encode(text);
    this.#pieces.push(piece);
    this.#bytes += piece.byteLength;
    if (this.#bytes <= MAX_ITEM_BYTES) return;
    new WrittenList(this.#pieces, this.#bytes).free();
    throw new ItemError("too-large", `The output would hold over ${MAX_ITEM_BYTES} bytes`);
  }
}
