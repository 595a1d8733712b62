// A list inside a large JSON document, whose elements are parsed one at a time: parsed together they would take
// several times the memory of their text.
import { afterString } from "./json-scan";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Drops a byte order mark, which may stand before a document alone (RFC 8259 §8.1). */
const utf8FromStart = new TextDecoder("utf-8", { fatal: true });

const QUOTE = 0x22;
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

  constructor(bytes: Uint8Array, places: readonly number[]) {
    this.#bytes = bytes;
    this.#places = places;
  }

  get length(): number {
    return this.#places.length - 1;
  }

  /** @throws SyntaxError for an element that is not JSON, TypeError for one that is not UTF-8 */
  *[Symbol.iterator](): Generator<unknown, undefined> {
    for (let index = 0; index < this.length; index += 1) {
      const [start = 0, end = 0] = this.#places.slice(index, index + 2);
      yield JSON.parse(utf8.decode(this.#bytes.subarray(start + 1, end)));
    }
  }
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
  const isEmpty = places.length === 2 && isBlank(bytes.subarray(first + 1, last));
  return { rest, list: new JsonList(bytes, isEmpty ? [first] : places) };
}

/** The places of the list's bracket, of its commas, and of its closing bracket. */
function placesOf(bytes: Uint8Array, name: string): readonly number[] | null {
  let found: number[] | null = null;
  let places: number[] | null = null;
  let [depth, key] = [0, [0, 0] as readonly [number, number]];
  let isValue = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      const end = afterString(bytes, at);
      if (depth === 1 && !isValue) key = [at, end];
      at = end - 1;
      continue;
    }
    if (depth === 1 && (byte === COLON || byte === COMMA)) isValue = byte === COLON;
    if (depth === 1 && isValue && isNamed(bytes, key, name)) {
      // A repeated member counts once, the last time.
      if (byte === COLON) found = null;
      else if (byte === OPEN_ARRAY) places = [at];
    }
    if (depth === 2 && byte === COMMA) places?.push(at);
    depth += STEPS[byte] ?? 0;
    if (depth === 1 && places !== null && (STEPS[byte] ?? 0) < 0) {
      if (byte !== CLOSE_ARRAY) return null;
      found = [...places, at];
      places = null;
    }
  }
  return places === null ? found : null;
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

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
