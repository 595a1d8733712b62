// Writes JSON in pieces, since the JSON of a large value, as one text, takes several times its memory.
import { isJsonLonger, restAfterJson } from "./is-json-longer";
import { matches } from "./matches";
import { WrittenJson } from "./written-json";

/** Characters of a piece, about. */
const PIECE_CHARS = 32 * 1024;
/** Characters that may be written by an escape. Any other part of a text is a piece as it stands, without a copy. */
const ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/**
 * Writes a JSON value as texts that make up its JSON.
 *
 * @param isLast true to give back the memory of what is held as bytes, once it is written
 */
export function* jsonPieces(value: unknown, isLast = false): Generator<string> {
  if (!isJsonLonger(value, PIECE_CHARS)) yield JSON.stringify(value);
  else if (typeof value === "string") {
    yield '"';
    yield* textPieces(value);
    yield '"';
  } else if (value instanceof WrittenJson) {
    yield* value.texts();
    if (isLast) value.free();
  } else if (Array.isArray(value)) yield* listPieces(value, isLast);
  else yield* objectPieces(Object(value), isLast);
}

/** Writes what stands between the quotes of a text's JSON. */
export function* textPieces(text: string): Generator<string> {
  for (let from = 0; from < text.length;) {
    let to = from + PIECE_CHARS;
    // A pair of surrogates is one character.
    if (/[\ud800-\udbff]/.test(text.charAt(to - 1))) to -= 1;
    const part = text.slice(from, to);
    yield matches(ESCAPED, part) ? JSON.stringify(part).slice(1, -1) : part;
    from = to;
  }
}

function* objectPieces(object: object, isLast: boolean): Generator<string> {
  let text = "{";
  let before = "";
  for (const name of Object.keys(object)) {
    const value: unknown = Reflect.get(object, name);
    if (value === undefined) continue;
    text += `${before}${JSON.stringify(name)}:`;
    before = ",";
    if (isJsonLonger(value, PIECE_CHARS)) {
      yield text;
      yield* jsonPieces(value, isLast);
      text = "";
    } else text += JSON.stringify(value);
    if (text.length < PIECE_CHARS) continue;
    yield text;
    text = "";
  }
  yield `${text}}`;
}

function* listPieces(list: readonly unknown[], isLast: boolean): Generator<string> {
  yield "[";
  yield* elementPieces(list, isLast);
  yield "]";
}

/**
 * Writes the elements of a list without its brackets, as many at once as fit into a piece: that is far faster than
 * one by one.
 */
export function* elementPieces(list: readonly unknown[], isLast = false): Generator<string> {
  for (let from = 0; from < list.length;) {
    const to = endOfPiece(list, from);
    if (from > 0) yield ",";
    if (to === from + 1) yield* jsonPieces(list[from], isLast);
    else yield JSON.stringify(list.slice(from, to)).slice(1, -1);
    from = to;
  }
}

/** The end of the elements from a place on that fit into one piece, at least one. */
function endOfPiece(list: readonly unknown[], from: number): number {
  let left = restAfterJson(list[from], PIECE_CHARS);
  let to = from + 1;
  for (; to < list.length; to += 1) {
    left = restAfterJson(list[to], left);
    if (left < 0) break;
  }
  return to;
}
