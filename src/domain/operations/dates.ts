// Operations on dates and times, in the proleptic Gregorian calendar and IANA's zones, by the platform's Intl.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { isName, Names, parsePattern, writeByPattern } from "./date-pattern";
import { PatternReader } from "./date-pattern-read";
import { readInstant, writeInstant } from "./date-read";
import { ItemError, wrongType } from "./errors";
import {
  addMonths,
  DAY_MS,
  inCalendar,
  instantAt,
  instantOf,
  localAt,
  notDate,
  zonedAt,
} from "./local-time";
import { wholeUnits } from "./date-units";
import { itemOperation, type OperationDefinition } from "./operation";
import { OptionalLocale, wholeNumber } from "./parameters";
import type { Price } from "./price";
import { zoneOf } from "./zones";

/** Price of a date that is read: one without an offset may be in a zone, whose transitions are looked up. */
const PRICE: Price = { per_item: 4_500, per_character: 10 };
/** Price of a date that is worked with in a zone, whose clocks are asked several times. */
const ZONED_PRICE: Price = { per_item: 9_900, per_character: 10 };
/** Work of writing a name, by the platform's Intl. */
const WORK_PER_NAME = 1_000;
/** The longest time that is added, in each unit: the calendar ends with the year 275760. */
const MAX_ADDED = 10_000_000_000;

function isZone(zone: string): boolean {
  try {
    return zoneOf(zone).name !== "";
  } catch {
    return false;
  }
}

const Zone = v.optional(
  v.pipe(
    v.string(),
    v.minLength(1),
    maxCharacters(64),
    v.check(isZone, "Not a time zone, such as Europe/Berlin"),
    v.description("IANA time zone, e.g. `Europe/Berlin`, or an offset."),
  ),
  "UTC",
);

const Format = v.pipe(
  v.string(),
  v.minLength(1),
  maxCharacters(200),
  v.description("Unicode pattern, e.g. `yyyy-MM-dd HH:mm`; text stands in `'…'`."),
  v.rawCheck(({ dataset, addIssue }) => {
    try {
      if (dataset.typed) parsePattern(dataset.value);
    } catch (error) {
      addIssue({ message: `Not a date pattern: ${error instanceof Error ? error.message : ""}` });
    }
  }),
);

/** Units of time, with the amounts of each that can be added. */
const UNITS = ["years", "months", "weeks", "days", "hours", "minutes", "seconds"] as const;
/** Milliseconds of units that are equally long in every zone. */
const TIME_MS = { hours: 3_600_000, minutes: 60_000, seconds: 1_000 };
const Amount = v.optional(wholeNumber(-MAX_ADDED, MAX_ADDED));

const Unit = v.pipe(
  v.picklist([
    ...UNITS,
    ...(["year", "month", "week", "day", "hour", "minute", "second"] as const),
  ]),
  v.transform((unit) => UNITS.find((known) => known.startsWith(unit)) ?? "days"),
);

function readerFault(format: string | undefined, locale: string): string | undefined {
  try {
    if (format !== undefined) void new PatternReader(parsePattern(format), "UTC", locale);
    return undefined;
  } catch (error) {
    return `Not a date pattern to read by: ${error instanceof Error ? error.message : ""}`;
  }
}

function toFault(to: unknown): string | undefined {
  try {
    readInstant(to, "UTC");
    return undefined;
  } catch (error) {
    if (error instanceof ItemError) return error.message;
    throw error;
  }
}

/** All operations on dates and times. */
export const dateOperations: readonly OperationDefinition[] = [
  itemOperation({
    name: "date_parse",
    summary:
      "The instant that a text stands for, in RFC 3339 (UTC): ISO 8601, RFC 3339, mail and HTTP dates, Unix times (numbers, or texts of 10 or 13 digits), or by a format",
    price: PRICE,
    parameters: { format: v.optional(Format), zone: Zone, locale: OptionalLocale },
    example: {
      parameters: { format: "d.M.yyyy HH:mm", zone: "Europe/Berlin" },
      input: ["31.1.2024 09:30", "1.7.2024 09:30"],
      output: ["2024-01-31T08:30:00.000Z", "2024-07-01T07:30:00.000Z"],
    },
    check: ({ format, locale }) => {
      const message = readerFault(format, locale);
      return message === undefined ? undefined : { parameter: "format", message };
    },
    make: ({ format, zone, locale }) => {
      if (format === undefined) return (item) => writeInstant(readInstant(item, zone));
      const reader = new PatternReader(parsePattern(format), zone, locale);
      return (item) => {
        if (typeof item !== "string") throw wrongType("text", item);
        if (item.length > 1_000) notDate("Does not fit the format");
        return inCalendar(() => writeInstant(reader.read(item)));
      };
    },
  }),
  itemOperation({
    name: "date_format",
    summary: "A date or time written by a Unicode pattern, in a time zone and a language",
    price: {
      ...ZONED_PRICE,
      metered: `${WORK_PER_NAME} for each name of a month, a day, a zone or the like that is written`,
    },
    parameters: { format: Format, zone: Zone, locale: OptionalLocale },
    example: {
      parameters: { format: "EEEE, d MMMM yyyy HH:mm", zone: "Asia/Tokyo" },
      input: ["2024-01-31T20:30:00Z"],
      output: ["Thursday, 1 February 2024 05:30"],
    },
    make: ({ format, zone, locale }) => {
      const parts = parsePattern(format);
      const names = new Names(locale);
      const work = WORK_PER_NAME * parts.filter(isName).length;
      return (item, run) => {
        run.spend(work);
        return inCalendar(() =>
          writeByPattern(parts, zonedAt(readInstant(item, zone), zone), names),
        );
      };
    },
  }),
  itemOperation({
    name: "date_add",
    summary:
      "A date or time so much later, or earlier: by the calendar of a zone, the last day of a month where there is no such day",
    price: ZONED_PRICE,
    parameters: {
      years: Amount,
      months: Amount,
      weeks: Amount,
      days: Amount,
      hours: Amount,
      minutes: Amount,
      seconds: Amount,
      zone: Zone,
    },
    example: {
      parameters: { months: 1 },
      input: ["2024-01-31", "2023-01-31T12:00:00Z"],
      output: ["2024-02-29T00:00:00.000Z", "2023-02-28T12:00:00.000Z"],
    },
    make: ({ zone, ...amounts }) => {
      const { years = 0, months = 0, weeks = 0, days = 0 } = amounts;
      const { hours = 0, minutes = 0, seconds = 0 } = amounts;
      // Years and months are one sum: added one after the other they would turn 29 February into the 28th of March.
      const monthsLater = years * 12 + months;
      const daysLater = weeks * 7 + days;
      const secondsLater = (hours * 60 + minutes) * 60 + seconds;
      return (item) =>
        inCalendar(() => {
          let instant = readInstant(item, zone);
          if (monthsLater !== 0 || daysLater !== 0) {
            const local = addMonths(localAt(instant, zone), monthsLater) + daysLater * DAY_MS;
            instant = instantAt(local, null, zone);
          }
          return writeInstant(instantOf(instant + secondsLater * 1000));
        });
    },
  }),
  itemOperation({
    name: "date_diff",
    summary:
      "The time from a date or time to another, in whole units; negative where that is earlier",
    price: ZONED_PRICE,
    parameters: {
      to: v.pipe(
        v.union([
          v.pipe(v.string(), maxCharacters(100)),
          // Milliseconds, as far as a Date goes.
          v.pipe(v.number(), v.minValue(-8.64e15), v.maxValue(8.64e15)),
        ]),
        v.rawCheck(({ dataset, addIssue }) => {
          const message = dataset.typed ? toFault(dataset.value) : undefined;
          if (message !== undefined) addIssue({ message });
        }),
      ),
      unit: Unit,
      zone: Zone,
    },
    example: {
      parameters: { to: "2024-03-01", unit: "days" },
      input: ["2024-02-01", "2024-02-29T12:00:00Z", "2024-03-02"],
      output: [29, 0, -1],
    },
    make: ({ to, unit, zone }) => {
      const end = readInstant(to, zone);
      const count =
        unit === "hours" || unit === "minutes" || unit === "seconds"
          ? (start: number) => Math.trunc((end - start) / TIME_MS[unit])
          : (start: number) => inCalendar(() => wholeUnits(start, end, unit, zone));
      // There is no negative zero in JSON.
      return (item) => count(readInstant(item, zone)) || 0;
    },
  }),
];
