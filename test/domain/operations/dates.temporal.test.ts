// Zones and calendars against Temporal's polyfill, another implementation of both: offsets, the instants of local times,
// and whole units from one instant to another, backwards as well, with most of them near a change of clocks.
import * as fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { it } from "vitest";
import { type CalendarUnit, wholeUnits } from "../../../src/domain/operations/date-units";
import { instantAt, localAt } from "../../../src/domain/operations/local-time";

const HOUR_MS = 3_600_000;
const ZONES = [
  "UTC",
  "+05:30",
  "Africa/Casablanca",
  "America/New_York",
  "America/St_Johns",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Europe/Berlin",
  "Pacific/Apia",
];
const UNITS: readonly CalendarUnit[] = ["days", "weeks", "months", "years"];

const zonedAt = (instant: number, zone: string) =>
  new Temporal.ZonedDateTime(BigInt(instant) * 1_000_000n, zone);

/** A zone, and an instant around one of its changes of clocks, or any. */
const PLACE = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    any: fc.integer({ min: -2_000_000_000, max: 4_000_000_000 }),
    away: fc.integer({ min: -2 * 48, max: 2 * 48 }),
  })
  .map(({ zone, any, away }) => {
    const change = zonedAt(any * 1000, zone).getTimeZoneTransition("next");
    return { zone, instant: (change?.epochMilliseconds ?? any * 1000) + (away * HOUR_MS) / 2 };
  });

it("Local times and their instants are Temporal's", ({ expect }) => {
  fc.assert(
    fc.property(PLACE, ({ zone, instant }) => {
      const local = localAt(instant, zone);
      expect(local).toBe(instant + zonedAt(instant, zone).offsetNanoseconds / 1e6);
      for (const away of [-1, -0.5, 0, 0.5, 1]) {
        const written = new Date(local + away * HOUR_MS).toISOString().slice(0, -1);
        const expected = Temporal.PlainDateTime.from(written).toZonedDateTime(zone);
        const found = instantAt(local + away * HOUR_MS, null, zone);
        expect(found, `${written} ${zone}`).toBe(expected.epochMilliseconds);
      }
    }),
    { numRuns: 500 },
  );
});

it("Whole units are Temporal's", ({ expect }) => {
  const end = fc.record({
    days: fc.oneof(fc.integer({ min: -70, max: 70 }), fc.integer({ min: -4000, max: 4000 })),
    halves: fc.constantFrom(-1, 0, 0, 0, 1),
  });
  fc.assert(
    fc.property(
      PLACE,
      end,
      fc.constantFrom(...UNITS),
      ({ zone, instant }, { days, halves }, unit) => {
        const start = zonedAt(instant, zone);
        const to = start.add({ days }).epochMilliseconds + (halves * HOUR_MS) / 2;
        const options = { largestUnit: unit, smallestUnit: unit };
        const expected = start.until(zonedAt(to, zone), options)[unit];
        const context = `${start.toString()} ${zonedAt(to, zone).toString()} ${unit}`;
        expect(wholeUnits(instant, to, unit, zone) || 0, context).toBe(expected || 0);
      },
    ),
    { numRuns: 1000 },
  );
});
