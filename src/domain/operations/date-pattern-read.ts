// Reads dates by Unicode's date patterns (UTS 35).
import { Temporal } from "temporal-polyfill";
import { dateAt } from "../../lib/date-at";
import { Names, type Part, WRITE } from "./date-pattern";
import { centuryOf } from "./date-read";
import { DAY_MS, dayAt, instantAt, noSuchDate, notDate, timeAt } from "./local-time";

/** The fields that are read, each by its letters. */
type Field = Extract<Part, { letter: string }>;

interface Fields {
  [name: string]: string;
}

/** Digits of a year, at most. */
const YEAR_DIGITS = 6;
/** Fields that are numbers, by their digits. */
const MAX_DIGITS = new Map(
  Object.entries({ 2: "MLdHhkKms", 3: "D", [YEAR_DIGITS]: "yu", 9: "S" }).flatMap(
    ([most, letters]) => Array.from(letters, (letter) => [letter, Number(most)] as const),
  ),
);

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

  #sourceOf({ letter, width }: Field, next: Part | undefined): string {
    if ((letter === "M" || letter === "L") && width >= 3)
      return `(${this.#months.flat().map(escaped).join("|")})`;
    const most = MAX_DIGITS.get(letter);
    if (most === undefined) return textSource(letter);
    // Fields that touch each other have exactly their width, and so have fractions and short years.
    const touches = next !== undefined && "letter" in next;
    const isShortYear = most === YEAR_DIGITS && width === 2;
    if (touches || isShortYear || letter === "S") return `(\\d{${width}})`;
    return most === YEAR_DIGITS ? `(-?\\d{1,${most}})` : `(\\d{1,${most}})`;
  }

  /** The instant that a text stands for. Throws `ItemError` for one that does not fit. */
  read(text: string): number {
    const match = this.#pattern.exec(text);
    if (match === null) return notDate("Does not fit the format");
    const fields: Fields = {};
    for (const [at, letter] of this.#letters.entries()) fields[letter] = match[at + 1] ?? "";
    const { year, date } = this.#dateOf(fields);
    const local = date + timeOf(fields);
    const offset = fields["X"] ?? fields["x"] ?? fields["Z"];
    const dated = local + (Number(fields["D"] ?? 1) - 1) * DAY_MS;
    if (dated !== local && dateAt(dated).getUTCFullYear() !== year) return noSuchDate();
    return instantAt(dated, minutesOf(offset), fields["V"] ?? this.#zone);
  }

  #dateOf(fields: Fields) {
    const written = fields["y"] ?? fields["u"] ?? "1970";
    const year = /^\d\d$/.test(written) ? centuryOf(Number(written)) : Number(written);
    const month = (fields["M"] ?? fields["L"] ?? "1").toLowerCase();
    const named = this.#months.findIndex((names) => names.includes(month));
    const number = named === -1 ? Number(month) : named + 1;
    return { year, date: dayAt(year, number, Number(fields["d"] ?? 1)) };
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

function textSource(letter: string): string {
  const source = TEXT_FIELDS[letter];
  if (source !== undefined) return source;
  throw new RangeError(`"${letter}" can be written, not read`);
}

function timeOf(fields: Fields): number {
  const milliseconds = Number((fields["S"] ?? "0").padEnd(3, "0").slice(0, 3));
  return timeAt(hourOf(fields), Number(fields["m"] ?? 0), Number(fields["s"] ?? 0), milliseconds);
}

function hourOf(fields: Fields): number {
  const twelve = fields["h"] ?? fields["K"];
  if (twelve === undefined) {
    const late = fields["k"];
    return late === undefined ? Number(fields["H"] ?? 0) : Number(late) % 24;
  }
  const half = fields["a"];
  if (Number(twelve) > 12 || half === undefined) return noSuchDate();
  return (Number(twelve) % 12) + (/^p/i.test(half) ? 12 : 0);
}

function minutesOf(offset: string | undefined): number | null {
  if (offset === undefined) return null;
  if (/^z$/i.test(offset)) return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59) notDate("No such offset");
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

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
