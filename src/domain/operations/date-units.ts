// Units of a zone's calendar from one instant to another, counted as Temporal does.
import { dateAt } from "../../lib/date-at";
import { addMonths, DAY_MS, instantAt, localAt } from "./local-time";

const dayIndex = (local: number) => Math.floor(local / DAY_MS);
const monthIndex = (local: number) =>
  dateAt(local).getUTCFullYear() * 12 + dateAt(local).getUTCMonth();
const addDays = (local: number, days: number) => local + days * DAY_MS;

/** Each unit as so many of a smaller one: how those are counted, and added to a local time. */
const UNITS = {
  days: { size: 1, index: dayIndex, add: addDays },
  weeks: { size: 7, index: dayIndex, add: addDays },
  months: { size: 1, index: monthIndex, add: addMonths },
  years: { size: 12, index: monthIndex, add: addMonths },
};

/** A unit whose length depends on the zone or the month. */
export type CalendarUnit = keyof typeof UNITS;

/** The most whole units that can be added to `start` without passing `end`; negative where that is earlier. */
export function wholeUnits(start: number, end: number, unit: CalendarUnit, zone: string): number {
  const { size, index, add } = UNITS[unit];
  const sign = Math.sign(end - start);
  const [from, to] = [localAt(start, zone), localAt(end, zone)];
  const isPast = (count: number) =>
    sign * (instantAt(add(from, count * size), null, zone) - end) > 0;
  let count = Math.trunc((index(to) - index(from)) / size);
  while (count !== 0 && isPast(count)) count -= sign;
  return count;
}
