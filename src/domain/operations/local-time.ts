// Times as numbers: instants in milliseconds since 1970, and local times as the instants at which a clock in UTC would
// show them.
import { dateAt } from "../../lib/date-at";
import { ItemError } from "./errors";
import { type Zone, zoneOf } from "./zones";

/** Milliseconds of a day, and of what it is made of. */
export const DAY_MS = 86_400_000;
const [HOUR_MS, MINUTE_MS, SECOND_MS] = [3_600_000, 60_000, 1_000];
/** The last instant of the calendar, and the first before 1970 (ECMA-262 §21.4.1.1). */
const MAX_INSTANT = 8.64e15;

/** Throws the error for a text that is no date. */
export function notDate(why = "Not a date in ISO 8601; date_parse reads others by format"): never {
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
  // Months are as long 400 years apart, and the last of the calendar has no last day.
  last.setUTCFullYear(2000 + (year % 400), later + 1, 0);
  const day = Math.min(date.getUTCDate(), last.getUTCDate());
  const timeOfDay = local - Math.floor(local / DAY_MS) * DAY_MS;
  return dayAt(year, later + 1, day) + timeOfDay;
}

/**
 * The instant of a local time at an offset in minutes, or in a zone, where gaps are skipped and the first of two is meant
 * (Temporal's "compatible").
 *
 * @throws RangeError for a zone that there is not
 */
export function instantAt(local: number, offset: number | null, zone: string): number {
  if (offset !== null) return instantOf(local - offset * MINUTE_MS);
  const clocks = zoneOf(zone);
  const near = (time: number) =>
    clocks.offsetAt(Math.max(-MAX_INSTANT, Math.min(time, MAX_INSTANT)));
  // No clock differs from UTC by a day, or is changed twice within two.
  const [before, after] = [near(local - DAY_MS), near(local + DAY_MS)];
  const [first, second] = [local - before, local - after];
  // In a gap neither is what clocks show then, and the offset before it leads over it.
  const isSecond = before !== after && near(first) !== before && near(second) === after;
  return instantOf(isSecond ? second : first);
}

/** The local time of an instant in a zone. Throws `ItemError` where that is beyond the calendar. */
export function localAt(instant: number, zone: string): number {
  return instantOf(instant + zoneOf(zone).offsetAt(instant));
}

/** An instant as a zone shows it. */
export interface Zoned {
  readonly instant: number;
  readonly zone: Zone;
  /** Milliseconds that clocks are ahead of UTC. */
  readonly offset: number;
  /** Its fields in UTC are those of the zone. */
  readonly local: Date;
}

/** An instant in a zone. Throws `ItemError` where that is beyond the calendar. */
export function zonedAt(instant: number, zoneName: string): Zoned {
  const zone = zoneOf(zoneName);
  const offset = zone.offsetAt(instant);
  return { instant, zone, offset, local: dateAt(instantOf(instant + offset)) };
}
