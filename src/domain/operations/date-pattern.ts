// Unicode's date patterns (UTS 35): how dates are written by them, and read.
import { Temporal } from "temporal-polyfill";
import { centuryOf, instantAt, notDate } from "./date-read";

/** A part of a pattern: a field with its letter repeated, or literal text. */
export type Part =
  | { readonly letter: string; readonly width: number }
  | { readonly literal: string };

const PARTS = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/y;

/** Splits a pattern. Throws a RangeError with a short message for one that is none. */
export function parsePattern(pattern: string): Part[] {
  const parts: Part[] = [];
  PARTS.lastIndex = 0;
  while (PARTS.lastIndex < pattern.length) {
    const match = PARTS.exec(pattern);
    if (match === null) throw new RangeError("a quote is not closed");
    const [all, quoted, letter] = match;
    if (letter !== undefined) parts.push(fieldOf(letter, all.length));
    // Two quotes are one, inside of quotes and outside.
    else parts.push({ literal: quoted === undefined ? all : quoted.replaceAll("''", "'") || "'" });
  }
  return parts;
}

const MAX_WIDTHS: Readonly<Record<string, number>> = {
  ...{ G: 4, y: 9, Y: 9, u: 9, Q: 2, q: 2, M: 4, L: 4, w: 2, d: 2, D: 3, E: 4, e: 2, a: 1 },
  ...{ h: 2, H: 2, K: 2, k: 2, m: 2, s: 2, S: 9, z: 4, Z: 5, O: 4, V: 2, X: 3, x: 3 },
};

function fieldOf(letter: string, width: number): Part {
  const most = MAX_WIDTHS[letter];
  if (most === undefined) throw new RangeError(`"${letter}" is no field; quote text: 'at'`);
  if (width > most) throw new RangeError(`"${letter}" stands at most ${most} times`);
  return { letter, width };
}

type Zoned = Temporal.ZonedDateTime;
type Write = (date: Zoned, width: number, names: Names) => string;

const digits = (value: number, width: number) =>
  (value < 0 ? "-" : "") + String(Math.abs(value)).padStart(width, "0");

/** Years of two letters have two digits. */
const yearOf = (year: number, width: number) =>
  width === 2 ? digits(Math.abs(year) % 100, 2) : digits(year, width);

function offsetText(date: Zoned, width: number, isZuluNamed: boolean): string {
  const minutes = Math.trunc(date.offsetNanoseconds / 6e10);
  if (isZuluNamed && minutes === 0) return "Z";
  const sign = minutes < 0 ? "-" : "+";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  if (width === 1) return sign + digits(hours, 2) + (rest === 0 ? "" : digits(rest, 2));
  return sign + digits(hours, 2) + (width === 3 ? ":" : "") + digits(rest, 2);
}

const WIDTHS = ["short", "short", "short", "long"] as const;
const textWidth = (width: number) => WIDTHS[width - 1] ?? "long";

const WRITE: Readonly<Record<string, Write>> = {
  G: (date, width, names) => names.part(date, { era: textWidth(width) }, "era"),
  y: ({ year }, width) => yearOf(year, width),
  u: ({ year }, width) => yearOf(year, width),
  Y: (date, width) => yearOf(date.yearOfWeek ?? date.year, width),
  Q: ({ month }, width) => digits(Math.ceil(month / 3), width),
  q: ({ month }, width) => digits(Math.ceil(month / 3), width),
  M: (date, width, names) =>
    width < 3
      ? digits(date.month, width)
      : names.part(date, { month: textWidth(width), day: "numeric" }, "month"),
  L: (date, width, names) =>
    width < 3 ? digits(date.month, width) : names.part(date, { month: textWidth(width) }, "month"),
  w: (date, width) => digits(date.weekOfYear ?? 0, width),
  d: ({ day }, width) => digits(day, width),
  D: ({ dayOfYear }, width) => digits(dayOfYear, width),
  E: (date, width, names) => names.part(date, { weekday: textWidth(width) }, "weekday"),
  e: ({ dayOfWeek }, width) => digits(dayOfWeek, width),
  a: (date, _, names) => names.part(date, { hour: "numeric", hour12: true }, "dayPeriod"),
  h: ({ hour }, width) => digits(hour % 12 || 12, width),
  H: ({ hour }, width) => digits(hour, width),
  K: ({ hour }, width) => digits(hour % 12, width),
  k: ({ hour }, width) => digits(hour || 24, width),
  m: ({ minute }, width) => digits(minute, width),
  s: ({ second }, width) => digits(second, width),
  S: ({ millisecond }, width) => digits(millisecond, 3).padEnd(9, "0").slice(0, width),
  z: (date, width, names) => names.part(date, { timeZoneName: textWidth(width) }, "timeZoneName"),
  O: (date, width, names) =>
    names.part(date, { timeZoneName: width === 4 ? "longOffset" : "shortOffset" }, "timeZoneName"),
  V: ({ timeZoneId }) => timeZoneId,
  Z: (date, width, names) => {
    if (width === 4) return WRITE["O"]?.(date, 4, names) ?? "";
    return offsetText(date, width === 5 ? 3 : 2, width === 5);
  },
  X: (date, width) => offsetText(date, width, true),
  x: (date, width) => offsetText(date, width, false),
};

/** Names of months, days and zones in a language, by the platform's Intl. */
export class Names {
  readonly #locale: string;
  readonly #formats = new Map<string, Intl.DateTimeFormat>();

  constructor(locale: string) {
    this.#locale = locale;
  }

  /** The text that a date has for one part of it. */
  part(
    date: Zoned,
    options: Intl.DateTimeFormatOptions,
    type: Intl.DateTimeFormatPartTypes,
  ): string {
    const key = `${date.timeZoneId} ${JSON.stringify(options)}`;
    const format = this.#formats.get(key) ?? this.#create(date.timeZoneId, options);
    this.#formats.set(key, format);
    const parts = format.formatToParts(date.epochMilliseconds);
    return parts.find((part) => part.type === type)?.value ?? "";
  }

  #create(timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const digitsAndCalendar = { calendar: "gregory", numberingSystem: "latn" };
    return new Intl.DateTimeFormat(this.#locale, { timeZone, ...digitsAndCalendar, ...options });
  }
}

/** Writes a date by a pattern. */
export function writeByPattern(parts: readonly Part[], date: Zoned, names: Names): string {
  return parts
    .map((part) =>
      "literal" in part ? part.literal : (WRITE[part.letter]?.(date, part.width, names) ?? ""),
    )
    .join("");
}

/** The fields that are read, each by its letters. */
interface Fields {
  [name: string]: string;
}

/** Reads texts by a pattern. */
export class PatternReader {
  readonly #letters: readonly string[];
  readonly #pattern: RegExp;
  readonly #months: readonly string[][];
  readonly #zone: string;

  /** Throws a RangeError with a short message for a pattern that does not tell a date. */
  constructor(parts: readonly Part[], zone: string, locale: string) {
    this.#zone = zone;
    this.#months = monthNames(locale);
    const fields = parts.filter((part) => "letter" in part);
    this.#letters = fields.map(({ letter }) => letter);
    if (!this.#letters.some((letter) => "yuDdMLHhkK".includes(letter)))
      throw new RangeError("it tells no date or time");
    const sources = parts.map((part, at) => {
      const next = parts[at + 1];
      return "literal" in part ? escaped(part.literal) : this.#sourceOf(part, next);
    });
    this.#pattern = new RegExp(`^\\s*${sources.join("")}\\s*$`, "iu");
  }

  #sourceOf({ letter, width }: { letter: string; width: number }, next: Part | undefined): string {
    // Fields that touch each other have exactly their width.
    const touches = next !== undefined && "letter" in next;
    if (letter === "M" || letter === "L") {
      if (width >= 3) return `(${this.#months.flat().map(escaped).join("|")})`;
      return touches ? `(\\d{${width}})` : "(\\d{1,2})";
    }
    if ("yu".includes(letter))
      return width === 2 ? "(\\d{2})" : touches ? `(\\d{${width}})` : "(-?\\d{1,6})";
    if (letter === "S") return `(\\d{${width}})`;
    if ("dDHhkKms".includes(letter))
      return touches ? `(\\d{${width}})` : `(\\d{1,${letter === "D" ? 3 : 2}})`;
    const source = TEXT_FIELDS[letter];
    if (source === undefined) throw new RangeError(`"${letter}" can be written, not read`);
    return source;
  }

  /** The instant that a text stands for. Throws `ItemError` for one that does not fit. */
  read(text: string): Temporal.Instant {
    const match = this.#pattern.exec(text);
    if (match === null) return notDate("Does not fit the format");
    const fields: Fields = {};
    for (const [at, letter] of this.#letters.entries()) fields[letter] = match[at + 1] ?? "";
    const local = Temporal.PlainDateTime.from(
      { ...this.#dateOf(fields), ...timeOf(fields) },
      { overflow: "reject" },
    );
    const day = Number(fields["D"] ?? 1) - 1;
    const offset = fields["X"] ?? fields["x"] ?? fields["Z"];
    const dated = local.add({ days: day });
    if (day > 0 && dated.year !== local.year) return notDate("No such date or time");
    return instantAt(dated, minutesOf(offset), fields["V"] ?? this.#zone);
  }

  #dateOf(fields: Fields) {
    const year = fields["y"] ?? fields["u"] ?? "1970";
    const month = (fields["M"] ?? fields["L"] ?? "1").toLowerCase();
    const named = this.#months.findIndex((names) => names.includes(month));
    return {
      year: /^\d\d$/.test(year) ? centuryOf(Number(year)) : Number(year),
      month: named === -1 ? Number(month) : named + 1,
      day: Number(fields["d"] ?? 1),
    };
  }
}

const TEXT_FIELDS: Readonly<Record<string, string>> = {
  a: "([ap]\\.?m\\.?)",
  E: "([\\p{L}\\p{M}.]+)",
  X: "(z|[+-]\\d{2}(?::?\\d{2})?)",
  x: "([+-]\\d{2}(?::?\\d{2})?)",
  Z: "(z|[+-]\\d{2}:?\\d{2})",
  V: "([a-z0-9_+\\-/]{1,64})",
};

function timeOf(fields: Fields) {
  const isPm = /^p/i.test(fields["a"] ?? "");
  const twelve = fields["h"] ?? fields["K"];
  if (twelve !== undefined && (Number(twelve) > 12 || fields["a"] === undefined))
    notDate("No such date or time");
  const hour =
    twelve === undefined
      ? Number(fields["H"] ?? fields["k"] ?? 0) % (fields["k"] === undefined ? 25 : 24)
      : (Number(twelve) % 12) + (isPm ? 12 : 0);
  return {
    hour,
    minute: Number(fields["m"] ?? 0),
    second: Number(fields["s"] ?? 0),
    millisecond: Number((fields["S"] ?? "0").padEnd(3, "0").slice(0, 3)),
  };
}

function minutesOf(offset: string | undefined): number | null {
  if (offset === undefined) return null;
  if (/^z$/i.test(offset)) return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59) notDate("No such offset");
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");

/** The names of each month in lower case, long ones first. */
function monthNames(locale: string): string[][] {
  const names = new Names(locale);
  return Array.from({ length: 12 }, (_, index) => {
    const date = Temporal.ZonedDateTime.from({
      timeZone: "UTC",
      year: 2024,
      month: index + 1,
      day: 1,
    });
    const all = [4, 3].flatMap((width) =>
      ["M", "L"].map((letter) => WRITE[letter]?.(date, width, names)),
    );
    return [...new Set(all.map((name) => (name ?? "").toLowerCase()))].toSorted(
      (a, b) => b.length - a.length,
    );
  });
}
