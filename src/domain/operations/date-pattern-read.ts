// Reads dates by Unicode's date patterns (UTS 35).
import { dateAt } from "../../lib/date-at";
import { Names, parsePattern, type Part, writeByPattern } from "./date-pattern";
import { centuryOf } from "./date-read";
import { DAY_MS, dayAt, instantAt, noSuchDate, notDate, timeAt, zonedAt } from "./local-time";

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

/**
 * Reads texts by a pattern. No field stands twice and few can be read in several ways, so that a text that does not fit
 * is not tried in countless ways.
 */
export class PatternReader {
  readonly #letters: readonly string[];
  readonly #pattern: RegExp;
  readonly #months: readonly string[][];
  readonly #halves: readonly string[][];
  readonly #weekdays: readonly string[];
  readonly #zone: string;

  /** Throws a RangeError with a short message for a pattern that does not tell a date. */
  constructor(parts: readonly Part[], zone: string, locale: string) {
    this.#zone = zone;
    const fields = parts.filter((part) => "letter" in part);
    this.#letters = fields.map(({ letter }) => letter);
    if (new Set(this.#letters).size < fields.length) throw new RangeError("it tells a field twice");
    const names = new Names(locale);
    const namesOf = (letters: string, patterns: string, dates: readonly Partial<DateFields>[]) =>
      this.#letters.some((letter) => letters.includes(letter))
        ? namesIn(patterns, dates, names)
        : [];
    this.#months = numbered(12).map((month) => namesOf("ML", MONTH_NAMES, [{ month: month + 1 }]));
    const halves = [0, 12].map((from) => numbered(12).map((hour) => ({ hour: from + hour })));
    this.#halves = halves.map((hours) => namesOf("a", "a", hours));
    const week = numbered(7).map((day) => ({ day: day + 1 }));
    this.#weekdays = namesOf("E", "EEEE|EEE", week);
    if (!this.#letters.some((letter) => "yuDdMLHhkK".includes(letter)))
      throw new RangeError("it tells no date or time");
    const sources = parts.map((part, at) => {
      const next = parts[at + 1];
      return "literal" in part ? escaped(part.literal) : this.#sourceOf(part, next);
    });
    this.#pattern = new RegExp(`^\\s*${sources.join("")}\\s*$`, "iu");
  }

  #sourceOf(field: Field, next: Part | undefined): string {
    const { letter, width } = field;
    const most = isNamed(field) ? undefined : MAX_DIGITS.get(letter);
    if (most === undefined) return this.#textSource(letter);
    // Fields that touch each other, or digits, have exactly their width, and so have fractions and short years.
    const touches = next !== undefined && ("letter" in next || /^\d/.test(next.literal));
    const isShortYear = most === YEAR_DIGITS && width === 2;
    if (touches || isShortYear || letter === "S") return `(\\d{${width}})`;
    return most === YEAR_DIGITS ? `(-?\\d{1,${most}})` : `(\\d{1,${most}})`;
  }

  #textSource(letter: string): string {
    if (letter === "M" || letter === "L") return `(${anyOf(this.#months.flat())})`;
    if (letter === "a") return `(${anyOf(this.#halves.flat())}|[ap]\\.?m\\.?)`;
    if (letter === "E") return `(${anyOf(this.#weekdays)}|[\\p{L}\\p{M}.]{1,40})`;
    const source = TEXT_FIELDS[letter];
    if (source !== undefined) return source;
    throw new RangeError(`"${letter}" can be written, not read`);
  }

  /** The instant that a text stands for. Throws `ItemError` for one that does not fit. */
  read(text: string): number {
    const match = this.#pattern.exec(text);
    if (match === null) return notDate("Does not fit the format");
    const fields: Fields = {};
    for (const [at, letter] of this.#letters.entries()) fields[letter] = match[at + 1] ?? "";
    const local = this.#dateOf(fields) + timeOf(fields, this.#isAfternoon(fields["a"] ?? ""));
    const offset = fields["X"] ?? fields["x"] ?? fields["Z"];
    return instantAt(local, minutesOf(offset), fields["V"] ?? this.#zone);
  }

  #isAfternoon(written: string): boolean {
    const half = written.toLowerCase();
    const [mornings = [], afternoons = []] = this.#halves;
    return !mornings.includes(half) && (afternoons.includes(half) || half.startsWith("p"));
  }

  #dateOf(fields: Fields): number {
    const written = fields["y"] ?? fields["u"] ?? "1970";
    const year = /^\d\d$/.test(written) ? centuryOf(Number(written)) : Number(written);
    const [month, day] = [this.#monthOf(fields["M"] ?? fields["L"]), fields["d"]];
    if (fields["D"] === undefined) return dayAt(year, month ?? 1, Number(day ?? 1));
    const date = dayAt(year, 1, 1) + (Number(fields["D"]) - 1) * DAY_MS;
    // A month or a day beside the day of the year is that day's.
    const found = calendarOf(date);
    const told = [year, month ?? found[1], Number(day ?? found[2])];
    const isThat = told.every((part, at) => part === found[at]);
    return isThat ? date : noSuchDate();
  }

  #monthOf(written: string | undefined): number | undefined {
    if (written === undefined) return undefined;
    const named = this.#months.findIndex((names) => names.includes(written.toLowerCase()));
    return named === -1 ? Number(written) : named + 1;
  }
}

const TEXT_FIELDS: Readonly<Record<string, string>> = {
  X: "(z|[+-]\\d{2}(?::?\\d{2})?)",
  x: "([+-]\\d{2}(?::?\\d{2})?)",
  Z: "(z|[+-]\\d{2}:?\\d{2})",
  V: "([a-z0-9_+\\-/:]{1,64})",
};

/** Year, month and day of a local time. */
function calendarOf(local: number): readonly [number, number, number] {
  const date = dateAt(local);
  return [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
}

/** True for months by their names. */
const isNamed = ({ letter, width }: Field) => "ML".includes(letter) && width >= 3;

function timeOf(fields: Fields, isAfternoon: boolean): number {
  const milliseconds = Number((fields["S"] ?? "0").padEnd(3, "0").slice(0, 3));
  return timeAt(
    hourOf(fields, isAfternoon),
    Number(fields["m"] ?? 0),
    Number(fields["s"] ?? 0),
    milliseconds,
  );
}

function hourOf(fields: Fields, isAfternoon: boolean): number {
  const twelve = fields["h"] ?? fields["K"];
  if (twelve === undefined) {
    const late = fields["k"];
    if (late === undefined) return Number(fields["H"] ?? 0);
    return Number(late) > 24 ? noSuchDate() : Number(late) % 24;
  }
  if (Number(twelve) > 12 || fields["a"] === undefined) return noSuchDate();
  return (Number(twelve) % 12) + (isAfternoon ? 12 : 0);
}

function minutesOf(offset: string | undefined): number | null {
  if (offset === undefined) return null;
  if (/^z$/i.test(offset)) return 0;
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{2}):?(\d{2})?$/.exec(offset) ?? [];
  if (Number(hours) > 23 || Number(minutes) > 59) notDate("No such offset");
  return (sign === "-" ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

const longestFirst = (names: readonly string[]) =>
  [...new Set(names)].toSorted((a, b) => b.length - a.length);
const anyOf = (names: readonly string[]) => longestFirst(names).map(escaped).join("|");
const numbered = (length: number) => Array.from({ length }, (_, at) => at);

/** Patterns of the names of months, in dates and alone. */
const MONTH_NAMES = "MMMM|MMM|LLLL|LLL";

/** Texts that `|`-separated patterns write for dates of a year, in lower case. */
function namesIn(patterns: string, dates: readonly Partial<DateFields>[], names: Names): string[] {
  return dates.flatMap(({ month = 1, day = 1, hour = 0 }) => {
    const date = zonedAt(dayAt(2024, month, day) + timeAt(hour, 0, 0), "UTC");
    return patterns
      .split("|")
      .map((pattern) => writeByPattern(parsePattern(pattern), date, names).toLowerCase());
  });
}

interface DateFields {
  readonly month: number;
  readonly day: number;
  readonly hour: number;
}
