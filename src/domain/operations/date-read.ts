// Reads dates and times as they are commonly written: RFC 3339 and ISO 8601 (calendar, week and ordinal dates,
// extended and basic), HTTP and mail dates, and Unix times.
import { dateAt } from "../../lib/date-at";
import { toIsoTime } from "../../lib/iso-time";
import { wrongType } from "./errors";
import {
  DAY_MS,
  dayAt,
  inCalendar,
  instantAt,
  instantOf,
  noSuchDate,
  notDate,
  timeAt,
  weekdayAt,
} from "./local-time";

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
/** Offsets of the zones that mails name (RFC 5322 §4.3). */
const MAIL_ZONES = new Map(
  Object.entries({
    UT: "Z",
    UTC: "Z",
    GMT: "Z",
    Z: "Z",
    EST: "-05",
    EDT: "-04",
    CST: "-06",
  }).concat(Object.entries({ CDT: "-05", MST: "-07", MDT: "-06", PST: "-08", PDT: "-07" })),
);
/** A Unix time as text: of fewer or other digits it could be a date, such as 202401310930. */
const UNIX = /^\d{10}(?:\d{3})?(?:\.\d+)?$/;
const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

/** The day that a text is, in any of ISO 8601's forms; null if it is in none. */
function readDate(text: string): number | null {
  const calendar = CALENDAR.exec(text);
  if (calendar !== null) {
    const [, year = "", month, day, bareMonth, bareDay] = calendar;
    return dayAt(Number(year), Number(month ?? bareMonth ?? 1), Number(day ?? bareDay ?? 1));
  }
  const [, ordinalYear, dayOfYear] = ORDINAL.exec(text) ?? [];
  if (ordinalYear !== undefined) return ordinalDate(Number(ordinalYear), Number(dayOfYear));
  const [, weekYear, week, day = "1"] = WEEK.exec(text) ?? [];
  return weekYear === undefined ? null : weekDate(Number(weekYear), Number(week), Number(day));
}

function ordinalDate(year: number, day: number): number {
  const date = dayAt(year, 1, 1) + (day - 1) * DAY_MS;
  return dateAt(date).getUTCFullYear() === year ? date : noSuchDate();
}

function weekDate(year: number, week: number, day: number): number {
  // The fourth of January is in the first week.
  const fourth = dayAt(year, 1, 4);
  const date = fourth + ((week - 1) * 7 + day - weekdayAt(fourth)) * DAY_MS;
  // A week belongs to the year of its Thursday.
  const thursday = dateAt(date + (4 - day) * DAY_MS);
  return thursday.getUTCFullYear() === year ? date : noSuchDate();
}

interface TimeOfDay {
  /** Milliseconds; those of a whole day at 24:00, and more at a leap second. */
  readonly time: number;
  /** Minutes east of UTC; null for a local time. */
  readonly offset: number | null;
  /** True for a leap second. */
  readonly isLeap: boolean;
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
  const offset = zulu ? 0 : offsetOf(sign, hours, minutes);
  if (hour === "24" && Number(minute) + Number(second) + milliseconds === 0)
    return { time: DAY_MS, offset, isLeap: false };
  // A leap second is the second after, as on clocks that know none.
  const isLeap = second === "60" && minute === "59";
  const leap = isLeap ? 1 : 0;
  const time = timeAt(Number(hour), Number(minute), Number(second) - leap, milliseconds);
  return { time: time + leap * 1_000, offset, isLeap };
}

function offsetOf(sign: string | undefined, hours: string | undefined, minutes: string) {
  if (sign === undefined) return null;
  if (Number(hours) > 23 || Number(minutes) > 59) notDate("No such offset");
  return (sign === "+" ? 1 : -1) * (Number(hours) * 60 + Number(minutes));
}

function readIso(written: string, zone: string): number | null {
  // An annotation in brackets names the zone of a local time (RFC 9557).
  const [, text = "", named] = /^([^[]*)(?:\[!?([A-Za-z0-9/_+\-:]{1,64})\])?$/.exec(written) ?? [];
  const [datePart = "", timePart] = text.split(/[Tt]|(?<=\d) (?=\d)/, 2);
  const date = readDate(datePart);
  if (date === null) return null;
  const read = timePart === undefined ? MIDNIGHT : readTime(text.slice(datePart.length + 1));
  if (read === null) return null;
  const instant = instantAt(date + read.time, read.offset, named ?? zone);
  // They are inserted at the end of a day of UTC (RFC 3339 §5.7).
  const isAtEnd = !read.isLeap || dateAt(instant).toISOString().includes("T00:00:00");
  return isAtEnd ? instant : noSuchDate();
}

const MIDNIGHT: TimeOfDay = { time: 0, offset: null, isLeap: false };

function readMail(text: string): number | null {
  const match = MAIL.exec(text.replace(ASCTIME, "$2 $1 $4 $3 GMT"));
  if (match === null) return null;
  const [, day = "", name = "", year = "", hour = "", minute, second = "00", zone = ""] = match;
  const month = MONTHS.indexOf(name.toLowerCase()) + 1;
  const offset = /^[+-]/.test(zone) ? zone : MAIL_ZONES.get(zone);
  if (month === 0 || offset === undefined) return null;
  const fullYear = year.length === 2 ? centuryOf(Number(year)) : year;
  const [mm, dd, hh] = [String(month), day, hour].map((part) => part.padStart(2, "0"));
  return readIso(`${fullYear}-${mm}-${dd}T${hh}:${minute}:${second}${offset}`, "UTC");
}

/** The year that two digits stand for: 1969 to 2068, as in POSIX. */
export const centuryOf = (year: number) => year + (year < 69 ? 2000 : 1900);

function readUnix(time: number): number {
  return instantOf(Math.round(Math.abs(time) < FIRST_MILLISECONDS ? time * 1000 : time));
}

/**
 * The instant that an item stands for, in milliseconds since 1970.
 *
 * @param zone of dates and of times without an offset
 * @throws ItemError for any other type, form, or a date that there is not
 */
export function readInstant(item: unknown, zone: string): number {
  if (typeof item === "number") return readUnix(item);
  if (typeof item !== "string") throw wrongType("text or number", item);
  const text = item.trim();
  if (text.length > MAX_DATE_CHARS) notDate();
  if (UNIX.test(text)) return readUnix(Number(text));
  return inCalendar(() => readIso(text, zone) ?? readMail(text) ?? notDate());
}

/** An instant in RFC 3339, in UTC with milliseconds. */
export const writeInstant = (instant: number): string => toIsoTime(instant);
