// Outputs that operations make part by part: lists by their elements, and long texts. Where nothing but its JSON is
// wanted, a long one is written as it is made, so that no more than a part of it is in V8's heap.
import { freeBytes } from "../../lib/free-bytes";
import { elementPieces, textPieces } from "../../lib/json-pieces";
import { restAfterJson } from "../../lib/is-json-longer";
import { WrittenJson } from "../../lib/written-json";
import { WrittenPieces } from "../../lib/written-pieces";
import { ItemError, overChars } from "./errors";
import { MAX_ITEM_BYTES, MAX_TEXT_CHARS } from "./limits";
import { Sizer } from "./size";

/** Characters that are written together; a text of fewer is short. */
export const PIECE_CHARS = 32 * 1024;

/** Characters of a text's parts that are joined: a part may be one character, and takes as much as thirty. */
const GROUP_CHARS = 4 * 1024;

/** Elements of a list that takes less memory when it is copied. */
const SHORT_LIST = 16;

const encoder = new TextEncoder();

/** A long text whose parts are made as they are read. */
class MadeText {
  readonly parts: Iterable<string>;

  constructor(parts: Iterable<string>) {
    this.parts = parts;
  }
}

/**
 * The text that parts make up, each of which is read when it is its turn.
 *
 * @param chars of the text, about: a short one is made at once
 */
export function madeText(parts: Iterable<string>, chars: number): unknown {
  return chars > PIECE_CHARS ? new MadeText(parts) : Array.from(parts).join("");
}

/** True for an output that is made as it is read. */
export function isMade(output: unknown): output is MadeText | Iterable<unknown> {
  if (typeof output !== "object" || output === null || Array.isArray(output)) return false;
  return output instanceof MadeText || Symbol.iterator in output;
}

/**
 * An output that is made, as a text or list.
 *
 * @param isWritten true if nothing but its JSON is wanted: that of a long one is written as it is made
 * @throws ItemError for one that is too large
 */
export function finished(output: MadeText | Iterable<unknown>, isWritten: boolean): unknown {
  if (output instanceof MadeText) return textOf(output.parts, isWritten);
  return isWritten ? writtenList(output) : listOf(output);
}

function textOf(parts: Iterable<string>, isWritten: boolean): unknown {
  const json = new Json();
  const texts: string[] = [];
  let group: string[] = [];
  let [chars, groupChars] = [0, 0];
  const endGroup = () => {
    const text = group.join("");
    if (isWritten) for (const piece of textPieces(text)) json.put(piece);
    else texts.push(text);
    group = [];
    groupChars = 0;
  };
  if (isWritten) json.put('"');
  for (const part of parts) {
    group.push(part);
    chars += part.length;
    groupChars += part.length;
    if (chars > MAX_TEXT_CHARS) json.refuse(overChars("The text", MAX_TEXT_CHARS));
    if (groupChars >= GROUP_CHARS) endGroup();
  }
  endGroup();
  if (!isWritten) return texts.join("");
  json.put('"');
  return json.end();
}

function listOf(elements: Iterable<unknown>): unknown[] {
  const list: unknown[] = [];
  const sizer = new Sizer(false);
  for (const made of elements) {
    const element = made instanceof WrittenJson ? made.toJSON() : made;
    list.push(element);
    sizer.add(element);
    // A text takes at least half of what is counted for it: this much is refused as it is stored.
    if (sizer.bytes > 2 * MAX_ITEM_BYTES) break;
  }
  // One that has grown has room for sixteen more.
  return list.length < SHORT_LIST ? list.slice() : list;
}

function writtenList(given: Iterable<unknown>): unknown {
  const json = new Json();
  let elements: unknown[] = [];
  let room = PIECE_CHARS;
  const write = () => {
    json.put(json.isEmpty ? "[" : ",");
    for (const text of elementPieces(elements)) json.put(text);
    elements = [];
    room = PIECE_CHARS;
  };
  for (const element of given) {
    elements.push(element);
    room = restAfterJson(element, room);
    if (room < 0) write();
  }
  // A short list as it is.
  if (json.isEmpty) return listOf(elements);
  if (elements.length > 0) write();
  json.put("]");
  return json.end();
}

const tooLarge = () =>
  new ItemError("too-large", `The output would hold over ${MAX_ITEM_BYTES} bytes`);

/** JSON that is written. */
class Json {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;
  /** Text that waits to be encoded: buffers of a few bytes each would take far more than the bytes. */
  #text = "";

  get isEmpty(): boolean {
    return this.#bytes === 0 && this.#text === "";
  }

  put(text: string): void {
    this.#text += text;
    if (this.#text.length >= PIECE_CHARS) this.#encode();
  }

  #encode(): void {
    const piece = encoder.encode(this.#text);
    this.#text = "";
    this.#pieces.push(piece);
    this.#bytes += piece.byteLength;
    if (this.#bytes > MAX_ITEM_BYTES) this.refuse(tooLarge());
  }

  end(): WrittenPieces {
    this.#encode();
    return new WrittenPieces(this.#pieces, this.#bytes);
  }

  refuse(error: ItemError): never {
    freeBytes(this.#pieces);
    throw error;
  }
}
