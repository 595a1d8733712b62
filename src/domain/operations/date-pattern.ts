// Unicode's date patterns (UTS 35): how dates are written by them.
import { dateAt } from "../../lib/date-at";
import { DAY_MS, weekdayAt, type Zoned } from "./local-time";

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
  checkSlips(parts);
  return parts;
}

/**
 * Refuses letters that other languages' patterns use otherwise, where they would silently be read as something else:
 * `DD/MM/YYYY`, `dd/mm/yyyy`. The year of a week stands alone or with a week.
 */
function checkSlips(parts: readonly Part[]): void {
  const has = (some: string) =>
    parts.some((part) => "letter" in part && some.includes(part.letter));
  if (has("Y") && has("MLdD") && !has("w"))
    throw new RangeError('"Y" is the year of a week: write y');
  if (has("m") && has("yd") && !has("hHkK"))
    throw new RangeError('"m" is minutes: write M for months');
}

/** Letters by the most times that each may stand. */
const MAX_WIDTHS = new Map(
  Object.entries({ 2: "wdhHKkmsV", 3: "aQqDXx", 4: "zO", 5: "GMLEecZ", 9: "yYuS" }).flatMap(
    ([width, letters]) => Array.from(letters, (letter) => [letter, Number(width)] as const),
  ),
);

function fieldOf(letter: string, width: number): Part {
  const most = MAX_WIDTHS.get(letter);
  if (most === undefined) throw new RangeError(`"${letter}" is no field; quote text: 'at'`);
  if (width > most)
    throw new RangeError(
      `"${letter}" stands at most ${most} times${letter === "d" ? ": write EEEE for weekdays" : ""}`,
    );
  return { letter, width };
}

/** True for a field that Intl writes in words. */
export const isName = (part: Part): boolean =>
  "letter" in part &&
  ("GEazO".includes(part.letter) || ("MLecZ".includes(part.letter) && part.width > 2));

type Write = (date: Zoned, width: number, names: Names) => string;

const digits = (value: number, width: number) =>
  (value < 0 ? "-" : "") + String(Math.abs(value)).padStart(width, "0");

/** Years of two letters have two digits. */
const yearOf = (year: number, width: number) =>
  width === 2 ? digits(Math.abs(year) % 100, 2) : digits(year, width);

/** The Thursday of a date's week, whose year and week are those of all of it (ISO 8601). */
function thursdayOf({ local }: Zoned): Date {
  const time = local.getTime();
  return dateAt(time + (4 - weekdayAt(time)) * DAY_MS);
}

/** The day of its year, from one. */
function dayOfYear(date: Date): number {
  const first = dateAt(date.getTime());
  first.setUTCMonth(0, 1);
  return (date.getTime() - first.getTime()) / DAY_MS + 1;
}

function offsetText(date: Zoned, width: number, isZuluNamed: boolean): string {
  const minutes = Math.trunc(date.offset / 60_000);
  if (isZuluNamed && minutes === 0) return "Z";
  const sign = minutes < 0 ? "-" : "+";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  if (width === 1) return sign + digits(hours, 2) + (rest === 0 ? "" : digits(rest, 2));
  return sign + digits(hours, 2) + (width === 3 ? ":" : "") + digits(rest, 2);
}

const monthOf = ({ local }: Zoned) => local.getUTCMonth() + 1;
const hourOf = ({ local }: Zoned) => local.getUTCHours();
const WIDTHS = ["short", "short", "short", "long", "narrow"] as const;
const textWidth = (width: number) => WIDTHS[width - 1] ?? "long";
/** Zones have no narrow names. */
const zoneWidth = (width: number) => (width === 4 ? "long" : "short");
const weekday: Write = (date, width, names) =>
  names.part(date, { weekday: textWidth(width) }, "weekday");
const dayOfWeek: Write = (date, width, names) =>
  width < 3 ? digits(weekdayAt(date.local.getTime()), width) : weekday(date, width, names);
const standalone: Write = (date, width, names) =>
  width < 3 ? digits(monthOf(date), width) : names.part(date, { month: textWidth(width) }, "month");
const quarter: Write = (date, width) =>
  (width === 3 ? "Q" : "") + digits(Math.ceil(monthOf(date) / 3), width % 3);

/** Functions that write the fields of a date, by their letters. */
const WRITE: Readonly<Record<string, Write>> = {
  G: (date, width, names) => names.part(date, { era: textWidth(width) }, "era"),
  // The year of its era: the year 0 is 1 before our era.
  y: ({ local }, width) => {
    const year = local.getUTCFullYear();
    return yearOf(year > 0 ? year : 1 - year, width);
  },
  u: ({ local }, width) => yearOf(local.getUTCFullYear(), width),
  Y: (date, width) => yearOf(thursdayOf(date).getUTCFullYear(), width),
  Q: quarter,
  q: quarter,
  M: (date, width, names) => {
    if (width < 3) return digits(monthOf(date), width);
    const name = names.part(date, { month: textWidth(width), day: "numeric" }, "month");
    // Beside a day, Intl takes the word for "month" out of Chinese and Japanese names.
    return /\D/.test(name) ? name : standalone(date, width, names);
  },
  L: standalone,
  w: (date, width) => digits(Math.ceil(dayOfYear(thursdayOf(date)) / 7), width),
  d: ({ local }, width) => digits(local.getUTCDate(), width),
  D: ({ local }, width) => digits(dayOfYear(local), width),
  E: weekday,
  e: dayOfWeek,
  c: dayOfWeek,
  a: (date, _, names) => names.part(date, { hour: "numeric", hour12: true }, "dayPeriod"),
  h: (date, width) => digits(hourOf(date) % 12 || 12, width),
  H: (date, width) => digits(hourOf(date), width),
  K: (date, width) => digits(hourOf(date) % 12, width),
  k: (date, width) => digits(hourOf(date) || 24, width),
  m: ({ local }, width) => digits(local.getUTCMinutes(), width),
  s: ({ local }, width) => digits(local.getUTCSeconds(), width),
  S: ({ local }, width) => digits(local.getUTCMilliseconds(), 3).padEnd(9, "0").slice(0, width),
  z: (date, width, names) => names.part(date, { timeZoneName: zoneWidth(width) }, "timeZoneName"),
  O: (date, width, names) =>
    names.part(date, { timeZoneName: width === 4 ? "longOffset" : "shortOffset" }, "timeZoneName"),
  V: ({ zone }) => zone.name,
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
    const key = `${date.zone.name} ${JSON.stringify(options)}`;
    const format = this.#formats.get(key) ?? this.#create(date.zone.name, options);
    this.#formats.set(key, format);
    const parts = format.formatToParts(date.instant);
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
