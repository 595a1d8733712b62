// How much memory values hold, and how long they are as JSON. Both are estimates on the safe side: the bound on
// memory is what keeps an isolate alive.
import { ItemError } from "./errors";
import { MAX_ITEM_DEPTH } from "./limits";
import { matches } from "../../lib/matches";
import { WrittenPieces } from "../../lib/written-pieces";

/** Bytes of V8's header of a text, rounded up to its alignment. */
const TEXT_BYTES = 24;
const NUMBER_BYTES = 16;
const LIST_BYTES = 40;
const OBJECT_BYTES = 64;
const MEMBER_BYTES = 16;
/** Bytes of an object whose names differ from those of the one before, as deep as it: V8 describes each such shape anew. */
const SHAPE_BYTES = 220;
const NAME_BYTES = 40;

/** Matches texts that V8 keeps with two bytes for each code unit. */
const WIDE = /[^\0-\xff]/;

/** Characters of a number or another scalar as JSON (about). */
const SCALAR_CHARS = 12;

/** The size of a value. */
export interface Size {
  /** Bytes of memory. */
  readonly bytes: number;
  /** UTF-16 code units of a text; of any other value those of its JSON (about). */
  readonly chars: number;
}

/** Measures values one after another. Objects with the same names as the one before, as deep as they, are taken to share them. */
export class Sizer {
  #isExact: boolean;
  /** The names of the last object of each depth; made for the first, as most lists have none. */
  #names: (string[] | undefined)[] | undefined;
  bytes = 0;
  chars = 0;

  /** @param isExact true to count two bytes for each character only where a text needs them, which means to read it */
  constructor(isExact: boolean) {
    this.#isExact = isExact;
  }

  /** Begins anew. */
  reset(isExact: boolean): void {
    this.#isExact = isExact;
    this.#names = undefined;
    this.bytes = 0;
    this.chars = 0;
  }

  /**
   * Adds the size of a value to `bytes` and `chars`.
   *
   * @throws ItemError `too-large` if nested too deeply, `invalid-value` for a number that JSON cannot write
   */
  add(value: unknown): void {
    // Most items are texts, whose quotes do not count.
    if (typeof value !== "string") this.#add(value, 0);
    else if (this.#isExact && !matches(WIDE, value)) this.addTexts(1, value.length, 1);
    else this.addTexts(1, value.length);
  }

  /** Adds the size of so many texts, which have so many characters together. */
  addTexts(count: number, chars: number, bytesOfEach = 2): void {
    this.bytes += count * TEXT_BYTES + chars * bytesOfEach;
    this.chars += chars;
  }

  #add(value: unknown, depth: number): void {
    if (typeof value === "string") {
      this.add(value);
      this.chars += '"",'.length;
    } else if (typeof value !== "object" || value === null) this.#addScalar(value);
    else {
      if (depth >= MAX_ITEM_DEPTH)
        throw new ItemError("too-large", `Nested deeper than ${MAX_ITEM_DEPTH} levels`);
      this.chars += "[],".length;
      if (value instanceof WrittenPieces) this.addTexts(0, value.length, 1);
      else if (Array.isArray(value)) this.#addList(value, depth);
      else this.#addObject(value, depth);
    }
  }

  #addScalar(value: unknown): void {
    if (typeof value === "number" && !Number.isFinite(value))
      throw new ItemError("invalid-value", "A number is too large");
    this.bytes += NUMBER_BYTES;
    this.chars += SCALAR_CHARS;
  }

  #addList(list: readonly unknown[], depth: number): void {
    this.bytes += LIST_BYTES;
    // By their places: an iterator makes an object for each until it is compiled.
    for (let at = 0; at < list.length; at += 1) this.#add(list[at], depth + 1);
  }

  #addObject(object: object, depth: number): void {
    this.#names ??= [];
    const names = (this.#names[depth] ??= []);
    let at = 0;
    let isKnown = true;
    // Not by a list of its names: many small objects would make much garbage.
    for (const name in object) {
      isKnown &&= names[at] === name;
      names[at] = name;
      at += 1;
      this.chars += name.length + '"":'.length;
      this.bytes += MEMBER_BYTES + (isKnown ? 0 : NAME_BYTES + 2 * name.length);
    }
    isKnown &&= names.length === at;
    names.length = at;
    this.bytes += OBJECT_BYTES + (isKnown ? 0 : SHAPE_BYTES);
    for (const name in object) this.#add(Reflect.get(object, name), depth + 1);
  }
}

/** The size of one value, read exactly. */
export function sizeOf(value: unknown): Size {
  const sizer = new Sizer(true);
  sizer.add(value);
  return sizer;
}
