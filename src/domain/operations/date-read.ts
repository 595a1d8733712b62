// Reads dates and times as they are commonly written: RFC 3339 and ISO 8601 (calendar, week and ordinal dates,
// extended and basic), HTTP and mail dates, and Unix times.
import { Temporal } from "temporal-polyfill";
import { ItemError, wrongType } from "./errors";

/** Characters of a date, at most. */
const MAX_DATE_CHARS = 100;
/** Unix times below it are seconds, others milliseconds: 11 digits are the year 5138. */
const FIRST_MILLISECONDS = 1e11;

const CALENDAR = /^((?!-0{6})[+-]\d{6}|\d{4})(?:-(\d{2})(?:-(\d{2}))?|(\d{2})(\d{2}))?$/;
const ORDINAL = /^(\d{4})-?(\d{3})$/;
const WEEK = /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/;
/** A fraction is one of what stands before it: seconds, minutes or hours. */
const TIME =
  /^(\d{2})(?::?(\d{2})(?::?(\d{2}))?)?(?:[.,](\d{1,9})\d*)?(?: ?(Z|z|UTC|GMT)| ?([+\-\u2212])(\d{2})(?::?(\d{2}))?)?$/;
const MAIL =
  /^(?:[A-Za-z]{3,9},? +)?(\d{1,2})[ -]([A-Za-z]{3})[a-z]*[ -](\d{4}|\d{2}) +(\d{1,2}):(\d{2})(?::(\d{2}))? *([A-Z]{1,3}|[+-]\d{4})(?: *\([^()]*\))?$/;
/** The obsolete form of HTTP dates, which C's `asctime` writes. */
const ASCTIME = /^[A-Za-z]{3} ([A-Za-z]{3}) +(\d{1,2}) (\d{2}:\d{2}:\d{2}) (\d{4})$/;
/** Hours east of UTC of the zones that mails name (RFC 5322 §4.3). */
const MAIL_ZONES = new Map(
  Object.entries({ UT: 0, UTC: 0, GMT: 0, Z: 0, EST: -5, EDT: -4, CST: -6, CDT: -5 }).concat(
    Object.entries({ MST: -7, MDT: -6, PST: -8, PDT: -7 }),
  ),
);
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** Throws the error for a text that is no date. */
export function notDate(why = "Not a date"): never {
  throw new ItemError("invalid-value", why);
}

/** Runs `read`, and refuses what is in no calendar, such as the 30th of February. */
export function inCalendar<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return notDate("No such date or time");
    throw error;
  }
}

const whole = { overflow: "reject" } as const;

/** The date that a text is, in any of ISO 8601's forms; null if it is in none. */
function readDate(text: string): Temporal.PlainDate | null {
  const calendar = CALENDAR.exec(text);
  if (calendar !== null) {
    const [, year = "", month, day, bareMonth, bareDay] = calendar;
    const parts = { month: Number(month ?? bareMonth ?? 1), day: Number(day ?? bareDay ?? 1) };
    return Temporal.PlainDate.from({ year: Number(year), ...parts }, whole);
  }
  const [, ordinalYear, dayOfYear] = ORDINAL.exec(text) ?? [];
  if (ordinalYear !== undefined) return ordinalDate(Number(ordinalYear), Number(dayOfYear));
  const [, weekYear, week, day = "1"] = WEEK.exec(text) ?? [];
  return weekYear === undefined ? null : weekDate(Number(weekYear), Number(week), Number(day));
}

function ordinalDate(year: number, day: number): Temporal.PlainDate {
  const first = Temporal.PlainDate.from({ year, month: 1, day: 1 });
  if (day < 1 || day > first.daysInYear) notDate("No such date or time");
  return first.add({ days: day - 1 });
}

function weekDate(year: number, week: number, day: number): Temporal.PlainDate {
  // The fourth of January is in the first week.
  const fourth = Temporal.PlainDate.from({ year, month: 1, day: 4 });
  const date = fourth.add({ days: (week - 1) * 7 + day - fourth.dayOfWeek });
  return date.yearOfWeek === year && date.weekOfYear === week
    ? date
    : notDate("No such date or time");
}

interface TimeOfDay {
  readonly time: Temporal.PlainTime;
  /** 24:00, which is the midnight after. */
  readonly isDayEnd: boolean;
  /** Minutes east of UTC; null for a local time. */
  readonly offset: number | null;
}

/** The milliseconds of a fraction of the smallest unit that is written. */
function fractionOf([, , minute, second, fraction = "0"]: RegExpExecArray): number {
  let unit = 3_600_000;
  if (minute !== undefined) unit = second === undefined ? 60_000 : 1_000;
  // Adds a little, so that a whole number which a double makes slightly too small stays that number.
  return Math.floor(Number(`0.${fraction}`) * unit + 1e-6);
}

function readTime(text: string): TimeOfDay | null {
  const match = TIME.exec(text);
  if (match === null) return null;
  const [, hour, minute = "0", second = "0", , zulu, sign, hours, minutes = "0"] = match;
  const milliseconds = fractionOf(match);
  const isDayEnd = hour === "24" && Number(minute) + Number(second) + milliseconds === 0;
  // A leap second is the second after, as on clocks that know none.
  const isLeap = second === "60" && minute === "59";
  const time = Temporal.PlainTime.from(
    {
      hour: isDayEnd ? 0 : Number(hour),
      minute: Number(minute),
      second: isLeap ? 59 : Number(second),
    },
    whole,
  ).add({ milliseconds });
  return { time, isDayEnd, offset: zulu ? 0 : offsetOf(sign, hours, minutes) };
}

function offsetOf(sign: string | undefined, hours: string | undefined, minutes: string) {
  if (sign === undefined) return null;
  if (Number(hours) > 23 || Number(minutes) > 59) notDate("No such offset");
  return (sign === "+" ? 1 : -1) * (Number(hours) * 60 + Number(minutes));
}

/** The instant of a local time at an offset in minutes, or in a zone, where gaps are skipped ("compatible"). */
export function instantAt(
  local: Temporal.PlainDateTime,
  offset: number | null,
  zone: string,
): Temporal.Instant {
  if (offset === null) return local.toZonedDateTime(zone).toInstant();
  return local.toZonedDateTime("UTC").subtract({ minutes: offset }).toInstant();
}

function readIso(written: string, zone: string): Temporal.Instant | null {
  // An annotation in brackets names the zone of a local time (RFC 9557).
  const [, text = "", named] = /^([^[]*)(?:\[!?([A-Za-z0-9/_+\-:]{1,64})\])?$/.exec(written) ?? [];
  const [datePart = "", timePart] = text.split(/[Tt]|(?<=\d) (?=\d)/, 2);
  const date = readDate(datePart);
  if (date === null) return null;
  if (timePart === undefined) return instantAt(date.toPlainDateTime(), null, named ?? zone);
  return readTimed(date, text.slice(datePart.length + 1), named ?? zone);
}

function readTimed(date: Temporal.PlainDate, timePart: string, zone: string) {
  const read = readTime(timePart);
  if (read === null) return null;
  const day = read.isDayEnd ? date.add({ days: 1 }) : date;
  const isLeap = /:?59:?60/.test(timePart);
  const local = day.toPlainDateTime(read.time).add({ seconds: isLeap ? 1 : 0 });
  return instantAt(local, read.offset, zone);
}

function readMail(text: string): Temporal.Instant | null {
  const match = MAIL.exec(text.replace(ASCTIME, "$2 $1 $4 $3 GMT"));
  if (match === null) return null;
  const [, day, name = "", year = "", hour, minute, second = "0", zone = ""] = match;
  const month = MONTHS.indexOf(name.toLowerCase()) + 1;
  if (month === 0) return null;
  const local = Temporal.PlainDateTime.from(
    {
      year: year.length === 2 ? centuryOf(Number(year)) : Number(year),
      month,
      day: Number(day),
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
    },
    whole,
  );
  const [, sign, hours, minutes = "0"] = /^([+-])(\d\d)(\d\d)$/.exec(zone) ?? [];
  const named = MAIL_ZONES.get(zone);
  const offset = named === undefined ? offsetOf(sign, hours, minutes) : named * 60;
  return offset === null ? null : instantAt(local, offset, "UTC");
}

/** The year that two digits stand for: 1969 to 2068, as in POSIX. */
export const centuryOf = (year: number) => year + (year < 69 ? 2000 : 1900);

function readUnix(time: number): Temporal.Instant {
  const milliseconds = Math.abs(time) < FIRST_MILLISECONDS ? time * 1000 : time;
  return Temporal.Instant.fromEpochMilliseconds(Math.round(milliseconds));
}

/**
 * The instant that an item stands for.
 *
 * @param zone of dates and of times without an offset
 * @throws ItemError for any other type, form, or a date that there is not
 */
export function readInstant(item: unknown, zone: string): Temporal.Instant {
  if (typeof item === "number") return inCalendar(() => readUnix(item));
  if (typeof item !== "string") throw wrongType("text or number", item);
  const text = item.trim();
  if (text.length > MAX_DATE_CHARS) notDate();
  return inCalendar(() => readIso(text, zone) ?? readMail(text) ?? notDate());
}

/** An instant in RFC 3339, in UTC with milliseconds. */
export function writeInstant(instant: Temporal.Instant): string {
  return instant.toString({ fractionalSecondDigits: 3, roundingMode: "trunc" });
}
