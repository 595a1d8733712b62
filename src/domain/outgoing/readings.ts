// What a reader of a text could see in it: the text with its escapes undone, and what stands in it as base64
// or as hexadecimal. Whoever looks for a secret looks at all of them.
import { lazy } from "../../lib/lazy";

/** A reading of a text, which knows where its characters come from. */
export interface Reading {
  readonly text: string;
  /** The part of the first text that these characters stand for; `end` is exclusive. */
  placeOf(this: void, start: number, end: number): readonly [start: number, end: number];
}

/**
 * Base64 or hexadecimal within each other, at most: each layer has six readings of the one around it. They
 * only get shorter, so that all of them together are twenty times as long as the text.
 */
const MAX_LAYERS = 2;
/** Escapes within escapes, at most; percent signs, backslashes and ampersands of any number count as one. */
const MAX_PASSES = 8;

/** The form of what readings are searched for: the length of the shortest text, and runs that could encode it. */
export interface Sought {
  readonly shortest: number;
  readonly base64: RegExp;
  readonly hex: RegExp;
  /** True if one of the texts is digits alone, which JSON can spell with an exponent. */
  readonly isNumber: boolean;
}

/** Patterns for what could encode one of these texts. */
export function soughtOf(texts: readonly string[]): Sought {
  const shortest = Math.min(...texts.map(({ length }) => length));
  return {
    shortest,
    isNumber: texts.some((text) => /^\d+$/.test(text)),
    base64: new RegExp(`(?<![\\w+/-])[\\w+/-]{${Math.ceil((shortest * 4) / 3)},}`, "g"),
    hex: new RegExp(`[0-9a-f]{${shortest * 2},}`, "gi"),
  };
}

/**
 * All readings of a text: itself, with the escapes of URLs, forms, HTML, JSON and JavaScript undone, one
 * within the other and in any mixture, and without line breaks, changes of the character set and NUL (of which
 * UTF-16 has one beside each letter); and the same of its base64, of either alphabet and at any offset, and of its hexadecimal.
 */
export function* readingsOf(text: string, sought: Sought): Generator<Reading> {
  const itself: Reading = { text, placeOf: (start, end) => [start, end] };
  if (sought.isNumber) yield undo(itself, EXPONENTS, asParsed);
  if (text.length < sought.shortest) return;
  yield itself;
  yield* readingsWithin(itself, sought, MAX_LAYERS);
}

function* readingsWithin(reading: Reading, sought: Sought, layers: number): Generator<Reading> {
  const unprefixed = undo(reading, HEX_PREFIXES);
  if (unprefixed !== reading) yield* readingsWithin(unprefixed, sought, layers);
  const bare = undoAllEscapes(reading);
  yield bare;
  if (layers === 0) return;
  for (const decoded of transcriptionsOf(bare, sought))
    yield* readingsWithin(decoded, sought, layers - 1);
}

function undoAllEscapes(reading: Reading): Reading {
  let bare = reading;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const before = bare;
    // Of UTF-16 the escapes show only without NUL, and a backslash may belong to what is still encoded.
    bare = undo(undo(before, NULS), ESCAPES, unescape);
    if (bare === before) bare = undo(before, BACKSLASHES);
    if (bare === before) break;
  }
  return bare;
}

/** A text without escapes: of all spellings of one text it is the same. */
export function withoutEscapes(text: string): string {
  return undoAllEscapes({ text, placeOf: (start, end) => [start, end] }).text;
}

const windows1252 = new TextDecoder("windows-1252");
/** Decodes one character per byte, so that an index in the text is an index in the bytes. */
export function oneForOne(bytes: Uint8Array): string {
  return windows1252.decode(bytes);
}
const BYTES = oneForOne(Uint8Array.from({ length: 256 }, (_, byte) => byte));

/** Names of HTML for the characters of ASCII that are no letters, each before its character. */
const NAMED =
  "amp& lt< gt> quot\" apos' plus+ sol/ equals= excl! num# dollar$ percnt% lpar( rpar) ast* comma, period. colon: semi; quest? commat@ lowbar_ lsqb[ lbrack[ rsqb] rbrack] lcub{ lbrace{ rcub} rbrace} hat^ grave` verbar| vert|";
const NAMES: ReadonlyMap<string, string> = new Map(
  NAMED.split(" ").map((entry) => [entry.slice(0, -1), entry.slice(-1)]),
);
/** Escapes, each with its code in a group of its own, by which `unescape` tells them apart. */
const ESCAPES = new RegExp(
  [
    "%(?:25)*(?:([0-9a-f]{2})|u([0-9a-f]{4}))",
    // Begun at its first alone: else a long run would be walked from each of its backslashes.
    String.raw`(?<!\\)\\+(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,5})\}|x([0-9a-f]{2})|[rn])`,
    `&(?:amp;)*(?:#x0*([0-9a-f]{1,5})|#0*(\\d{1,6})|(${[...NAMES.keys()].join("|")}));`,
    // Line breaks, those of folded headers included.
    String.raw`[\r\n]+[ \t]*`,
    // Changes of the character set in ISO-2022-JP, which a caller may have the bytes decoded as.
    String.raw`\x1b[($][@BIJ]`,
  ].join("|"),
  "gi",
);
// oxlint-disable-next-line no-control-regex -- a control character is what it looks for
const NULS = /\0+/g;
/** Prefixes of databases before hexadecimal (`bytea`); anywhere else they are an escape of the first digits alone. */
const HEX_PREFIXES = /(?<!\\)\\+x(?=[0-9a-f]{12})/gi;
const BACKSLASHES = /\\+/g;
type Groups = (string | undefined)[];
type Unescape = (escape: string, ...groups: Groups) => string;

/** The character that one escape stands for; nothing for what is no character. */
function unescape(_: string, ...[byte, wide, unit, point, x, hex, decimal, name]: Groups): string {
  if (byte !== undefined) return BYTES[Number.parseInt(byte, 16)] ?? "";
  if (name !== undefined) return NAMES.get(name.toLowerCase()) ?? "";
  if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
  const code = wide ?? unit ?? point ?? x ?? hex;
  return code === undefined ? "" : String.fromCodePoint(Number.parseInt(code, 16));
}

/** Numbers with an exponent, of which JSON.parse leaves the value; the lookbehind keeps the search linear. */
const EXPONENTS = /(?<![\d.])\d+(?:\.\d+)?e[+-]?\d{1,3}(?!\d)/gi;
const asParsed = (number: string) => String(Number(number));

/** The reading with each escape undone; the same if it has none. */
function undo(before: Reading, escapes: RegExp, toPlain: Unescape = () => ""): Reading {
  const text = before.text.replaceAll(escapes, toPlain);
  if (text === before.text) return before;
  return made(text, before, () => partsWithout(before.text, escapes, toPlain));
}

/** A part of a reading: where it begins, where in the one before, and how much of that each character takes. */
interface Part {
  readonly at: number;
  readonly from: number;
  readonly ratio: number;
}

/** The parts of a text whose escapes are undone. */
function partsWithout(escaped: string, escapes: RegExp, toPlain: Unescape): Part[] {
  const parts: Part[] = [{ at: 0, from: 0, ratio: 1 }];
  let shorter = 0;
  for (const match of escaped.matchAll(escapes)) {
    const [escape, ...groups] = match;
    const plain = toPlain(escape, ...groups);
    const at = match.index - shorter;
    if (plain !== "") parts.push({ at, from: match.index, ratio: escape.length / plain.length });
    shorter += escape.length - plain.length;
    parts.push({ at: at + plain.length, from: match.index + escape.length, ratio: 1 });
  }
  return parts;
}

/** A piece of a text. */
interface Run {
  readonly text: string;
  readonly index: number;
}

/** Readings of the runs of base64 and hexadecimal, beginning at each character that they can begin at. */
function* transcriptionsOf(before: Reading, { base64, hex }: Sought): Generator<Reading> {
  const runs = matches(before.text, base64);
  if (runs.length === 0) return;
  for (const skip of [0, 1, 2, 3])
    yield transcribe(before, runs, { skip, ratio: 4 / 3 }, fromBase64);
  // The letters of hexadecimal are among those of base64.
  const inHex = runs.flatMap(({ text, index }) =>
    matches(text, hex).map((run) => ({ text: run.text, index: index + run.index })),
  );
  if (inHex.length === 0) return;
  for (const skip of [0, 1]) yield transcribe(before, inHex, { skip, ratio: 2 }, fromHex);
}

function matches(text: string, pattern: RegExp): Run[] {
  return Array.from(text.matchAll(pattern), ({ 0: found, index }) => ({ text: found, index }));
}

/** Decodes runs, which follow one another in the reading. `ratio` is how many characters a byte takes. */
function transcribe(
  before: Reading,
  runs: readonly Run[],
  { skip, ratio }: { readonly skip: number; readonly ratio: number },
  decode: (run: string) => Uint8Array,
): Reading {
  const parts: Part[] = [];
  let text = "";
  for (const run of runs) {
    parts.push({ at: text.length, from: run.index + skip, ratio });
    text += `${oneForOne(decode(run.text.slice(skip)))}\n`;
  }
  return made(text, before, () => parts);
}

function fromBase64(run: string): Uint8Array {
  const whole = run.length % 4 === 1 ? run.slice(0, -1) : run;
  return Uint8Array.fromBase64(whole.replaceAll("-", "+").replaceAll("_", "/"));
}

function fromHex(run: string): Uint8Array {
  return Uint8Array.fromHex(run.slice(0, run.length - (run.length % 2)));
}

function made(text: string, before: Reading, listParts: () => readonly Part[]): Reading {
  const partsOf = lazy(listParts);
  return {
    text,
    placeOf: (start, end) =>
      before.placeOf(
        placeIn(start, partAt(partsOf(), Math.floor(start))),
        placeIn(end, partAt(partsOf(), Math.ceil(end) - 1)),
      ),
  };
}

function placeIn(index: number, { at, from, ratio }: Part): number {
  return from + (index - at) * ratio;
}

/** The last part that begins at or before an index. */
function partAt(parts: readonly Part[], index: number): Part {
  let [low, high] = [0, parts.length];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((parts[middle]?.at ?? Infinity) <= index) low = middle;
    else high = middle;
  }
  return parts[low] ?? { at: 0, from: 0, ratio: 1 };
}
