// A list inside a large JSON document, whose elements are parsed one at a time: parsed together they would take
// several times the memory of their text.
import { textsOf } from "./held-json";
import { afterString } from "./json-scan";
import { isBlank, longTextIn, type JsonText } from "./json-text";
import { parseJson } from "./parse-json";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Drops a byte order mark, which may stand before a document alone (RFC 8259 §8.1). */
const utf8FromStart = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LOWER_U = 0x75;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
/** Change of the depth at each byte outside strings. */
const STEPS: Readonly<Record<number, number>> = {
  [OPEN_ARRAY]: 1,
  [0x7b]: 1,
  [CLOSE_ARRAY]: -1,
  [0x7d]: -1,
};

/** The elements of a list, in order. Each walk parses them anew. */
export class JsonList implements Iterable<unknown> {
  readonly #bytes: Uint8Array;
  /** The places before the first element and after each. */
  readonly #places: readonly number[];
  /** The JSON of the element that was read last. */
  json: string | JsonText = "";
  /** Elements that are long texts, by their indexes, once they are known to be UTF-8. */
  readonly #texts = new Map<number, JsonText>();

  constructor(bytes: Uint8Array, places: readonly number[]) {
    this.#bytes = bytes;
    this.#places = places;
  }

  get length(): number {
    return this.#places.length - 1;
  }

  /** The index of the first element whose texts have more characters together; -1 where none has. */
  firstLongerThan(characters: number): number {
    return this.#places.findIndex((place, at) => {
      const end = this.#places[at + 1] ?? 0;
      // Most are too short to be counted.
      return end - place > characters && charactersOfTexts(this.#bytes, place, end) > characters;
    });
  }

  *[Symbol.iterator](): Generator<unknown, undefined> {
    for (let index = 0; index < this.length; index += 1) yield parseJson(this.#read(index));
  }

  /**
   * Reads the elements one after another, and keeps none.
   *
   * @throws SyntaxError for one that is not JSON, TypeError for one that is not UTF-8
   */
  *verify(): Generator<void, void> {
    for (let index = 0; index < this.length; index += 1) {
      const [start = 0, end = 0] = this.#places.slice(index, index + 2);
      const text = longTextIn(this.#bytes, start + 1, end);
      if (text === null) parseJson(this.#read(index));
      else {
        // Decoding throws.
        for (const _ of textsOf(text.bytes, true));
        this.#texts.set(index, text);
      }
      yield;
    }
  }

  /** The elements that are objects, or have more characters; null stands for any other, whose `json` alone is read. */
  *objects(characters: number): Generator {
    for (let index = 0; index < this.length; index += 1) {
      const text = this.#texts.get(index);
      if (text !== undefined && text.length <= characters) {
        this.json = text;
        yield null;
        continue;
      }
      const json = this.#read(index);
      yield json.length > characters || /^\s*\{/.test(json) ? parseJson(json) : null;
    }
  }

  #read(index: number): string {
    const [start = 0, end = 0] = this.#places.slice(index, index + 2);
    const json = utf8.decode(this.#bytes.subarray(start + 1, end));
    this.json = json;
    return json;
  }
}

/** Characters inside of quotes, an escape counting as one. */
function charactersOfTexts(bytes: Uint8Array, start: number, end: number): number {
  let characters = 0;
  let isText = false;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) isText = !isText;
    // Bytes of a character after its first one do not count.
    else if (isText && (byte & 0xc0) !== 0x80) characters += 1;
    if (byte === BACKSLASH) at += bytes[at + 1] === LOWER_U ? "uFFFF".length : 1;
  }
  return characters;
}

/** A document whose list stands apart. */
export interface SplitJson {
  /** The JSON text with the list empty. The document is JSON if this and each element are. */
  readonly rest: string;
  readonly list: JsonList;
}

/**
 * Sets a document's list apart: the array that is the last member of this name of an object.
 *
 * @returns null where there is none, and where the brackets around it do not match
 * @throws TypeError if the rest is not UTF-8
 */
export function splitJson(bytes: Uint8Array, name: string): SplitJson | null {
  const places = placesOf(bytes, name);
  const [first, last] = [places?.[0], places?.at(-1)];
  if (places === null || first === undefined || last === undefined) return null;
  const before = utf8FromStart.decode(bytes.subarray(0, first + 1));
  const rest = before + utf8.decode(bytes.subarray(last));
  const isEmpty = places.length === 2 && bytes.subarray(first + 1, last).every(isBlank);
  return { rest, list: new JsonList(bytes, isEmpty ? [first] : places) };
}

/** The places of the list's bracket, of its commas, and of its closing bracket. */
function placesOf(bytes: Uint8Array, name: string): readonly number[] | null {
  const search = new Search(bytes, name);
  for (let at = 0; at < bytes.length && !search.isBroken; at += 1) {
    if (bytes[at] === QUOTE) {
      const end = afterString(bytes, at);
      search.atString(at, end);
      at = end - 1;
    } else search.atByte(at);
  }
  return search.found;
}

/** A walk through a document in search of its list. */
class Search {
  /** The places of the list so far; null outside it. */
  #open: number[] | null = null;
  #closed: readonly number[] | null = null;
  /** True if the brackets around the list do not match. */
  isBroken = false;
  #depth = 0;
  #isValue = false;
  /** True if the member whose value begins has the name. */
  #isNamed = false;
  #key: readonly [start: number, end: number] = [0, 0];
  readonly #bytes: Uint8Array;
  readonly #name: string;

  constructor(bytes: Uint8Array, name: string) {
    this.#bytes = bytes;
    this.#name = name;
  }

  get found(): readonly number[] | null {
    return this.isBroken || this.#open !== null ? null : this.#closed;
  }

  atString(start: number, end: number): void {
    if (this.#depth === 1 && !this.#isValue) this.#key = [start, end];
  }

  atByte(at: number): void {
    const byte = this.#bytes[at] ?? 0;
    if (this.#depth === 1) this.#atMember(byte, at);
    else if (this.#depth === 2 && byte === COMMA) this.#open?.push(at);
    const step = STEPS[byte] ?? 0;
    this.#depth += step;
    if (this.#depth === 1 && step < 0) this.#close(byte, at);
  }

  #atMember(byte: number, at: number): void {
    if (byte === COMMA) this.#isValue = false;
    else if (byte === COLON) {
      this.#isValue = true;
      this.#isNamed = isNamed(this.#bytes, this.#key, this.#name);
      // A repeated member counts once, the last time.
      if (this.#isNamed) this.#closed = null;
    } else if (byte === OPEN_ARRAY && this.#isValue && this.#isNamed) this.#open = [at];
  }

  #close(byte: number, at: number): void {
    if (this.#open === null) return;
    this.isBroken = byte !== CLOSE_ARRAY;
    this.#closed = [...this.#open, at];
    this.#open = null;
  }
}

function isNamed(bytes: Uint8Array, [start, end]: readonly [number, number], name: string) {
  // Escapes make a name at most six times as long.
  if (end - start > 6 * name.length + 2) return false;
  try {
    return JSON.parse(utf8.decode(bytes.subarray(start, end))) === name;
  } catch {
    return false;
  }
}
