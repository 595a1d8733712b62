// Makes texts of many small parts. As texts, all parts would be held until the whole text is read; code units are held
// outside of V8's heap, and given back.
import { freeBytes } from "./free-bytes";

const decoder = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });
/** Code units that are made a text at a time. */
const PART_UNITS = 8 * 1024;

/** The parts as code units, at most so many all together. */
export function unitsOf(parts: Iterable<string>, most: number): Uint16Array<ArrayBuffer> {
  const units = new Uint16Array(most);
  let end = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 1) units[end + at] = part.charCodeAt(at);
    end += part.length;
  }
  return units.subarray(0, end);
}

/** The parts as code units, so many all together, the last part first. */
export function reversedUnits(parts: Iterable<string>, count: number): Uint16Array<ArrayBuffer> {
  const units = new Uint16Array(count);
  let start = count;
  for (const part of parts) {
    start -= part.length;
    for (let at = 0; at < part.length; at += 1) units[start + at] = part.charCodeAt(at);
  }
  return units;
}

/** The text of code units, in parts. Frees them. */
export function* partsOfUnits(units: Uint16Array<ArrayBuffer>): Generator<string> {
  for (let from = 0; from < units.length; from += PART_UNITS)
    yield String.fromCharCode(...units.subarray(from, from + PART_UNITS));
  freeBytes([units]);
}

/** The text of code units. Frees them. */
export function textOfUnits(units: Uint16Array<ArrayBuffer>): string {
  try {
    const text = decoder.decode(units);
    freeBytes([units]);
    return text;
  } catch {
    // Lone surrogates do not decode.
    return Array.from(partsOfUnits(units)).join("");
  }
}
