// Finds the paths of values in a JSON document by their places in the text.
import { afterString } from "./json-scan";

type Path = readonly (string | number)[];

const decoder = new TextDecoder();

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * The paths to the values that begin at these places.
 *
 * @param places in bytes from the start, ascending
 */
export function pathsTo(bytes: Uint8Array, places: readonly number[]): Path[] {
  const paths: Path[] = [];
  const path: (string | number)[] = [];
  let key = "";
  for (let at = 0; at < bytes.length && paths.length < places.length;) {
    if (at === places[paths.length]) paths.push([...path]);
    if (bytes[at] === QUOTE) {
      const end = afterString(bytes, at);
      key = textOf(bytes.subarray(at, end));
      at = end;
    } else {
      step(path, bytes[at], key);
      at += 1;
    }
  }
  return paths;
}

/**
 * Updates the path at a structural character.
 *
 * @param key the last string before it
 */
function step(path: (string | number)[], byte: number | undefined, key: string): void {
  const last = path.length - 1;
  const place = path[last];
  if (byte === OPEN_ARRAY) path.push(0);
  else if (byte === OPEN_OBJECT) path.push("");
  else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) path.pop();
  else if (byte === COLON && typeof place === "string") path[last] = key;
  else if (byte === COMMA && typeof place === "number") path[last] = place + 1;
}

/** Parses a JSON string; returns its source if it is malformed. */
function textOf(string: Uint8Array): string {
  const source = decoder.decode(string);
  try {
    return String(JSON.parse(source));
  } catch {
    return source;
  }
}
