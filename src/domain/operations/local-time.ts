// Times as numbers: instants in milliseconds since 1970, and local times as the instants at which a clock in UTC would
// show them. Temporal is left to zones: each of its objects has an entry in a WeakMap, whose tables outlive it.
import { Temporal } from "temporal-polyfill";
import { dateAt } from "../../lib/date-at";
import { ItemError } from "./errors";

/** Milliseconds of a day, and of what it is made of. */
export const DAY_MS = 86_400_000;
const [HOUR_MS, MINUTE_MS, SECOND_MS] = [3_600_000, 60_000, 1_000];
/** The last instant of the calendar, and the first before 1970 (ECMA-262 §21.4.1.1). */
const MAX_INSTANT = 8.64e15;

/** Throws the error for a text that is no date. */
export function notDate(why = "Not a date"): never {
  throw new ItemError("invalid-value", why);
}

/** Throws the error for what is in no calendar, such as the 30th of February. */
export const noSuchDate = (): never => notDate("No such date or time");

/** Runs `read`, and refuses what is in no calendar or no zone. */
export function inCalendar<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) return noSuchDate();
    throw error;
  }
}

/** An instant that there is. Throws `ItemError` for any other. */
export function instantOf(time: number): number {
  return Math.abs(time) <= MAX_INSTANT ? time : noSuchDate();
}

/** The beginning of a day of the Gregorian calendar; months and days count from one. */
export function dayAt(year: number, month: number, day: number): number {
  const date = dateAt(0);
  date.setUTCFullYear(year, month - 1, day);
  const isThere = date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isThere ? date.getTime() : noSuchDate();
}

/** The milliseconds of a time of day. */
export function timeAt(hour: number, minute: number, second: number, milliseconds = 0): number {
  if (!(hour < 24 && minute < 60 && second < 60)) noSuchDate();
  return hour * HOUR_MS + minute * MINUTE_MS + second * SECOND_MS + milliseconds;
}

/** The day of the week, from Monday, 1, to Sunday, 7. */
export function weekdayAt(local: number): number {
  // The first day was a Thursday.
  return ((((Math.floor(local / DAY_MS) + 3) % 7) + 7) % 7) + 1;
}

/** The same time of day so many months later, on the last day of a month where there is no such day. */
export function addMonths(local: number, months: number): number {
  if (months === 0) return local;
  const date = dateAt(local);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth() + months;
  const [year, later] = [Math.floor(month / 12), ((month % 12) + 12) % 12];
  const last = dateAt(0);
  last.setUTCFullYear(year, later + 1, 0);
  const day = Math.min(date.getUTCDate(), last.getUTCDate());
  const timeOfDay = local - Math.floor(local / DAY_MS) * DAY_MS;
  return dayAt(year, later + 1, day) + timeOfDay;
}

/**
 * The instant of a local time at an offset in minutes, or in a zone, where gaps are skipped ("compatible").
 *
 * @throws RangeError for a zone that there is not
 */
export function instantAt(local: number, offset: number | null, zone: string): number {
  if (offset !== null || zone === "UTC") return instantOf(local - (offset ?? 0) * MINUTE_MS);
  const date = dateAt(local);
  const day = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const;
  const time = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()] as const;
  const written = new Temporal.PlainDateTime(...day, ...time, date.getUTCMilliseconds());
  return written.toZonedDateTime(zone).epochMilliseconds;
}

/** An instant in a zone. */
export function zonedAt(instant: number, zone: string): Temporal.ZonedDateTime {
  return new Temporal.ZonedDateTime(BigInt(instant) * 1_000_000n, zone);
}

/** The local time of an instant in a zone. */
export function localAt(instant: number, zone: string): number {
  if (zone === "UTC") return instant;
  // Offsets of the time before zones have seconds.
  return instant + Math.floor(zonedAt(instant, zone).offsetNanoseconds / 1e6);
}
