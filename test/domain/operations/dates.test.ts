// Dates and times: tables of RFC 3339 and ISO 8601, transitions of zones against another implementation
// (Python's zoneinfo, fold=0, which is "compatible"), and the calendar.
import * as fc from "fast-check";
import * as v from "valibot";
import { describe, it } from "vitest";
import { loadOperations, Operation } from "../../../src/domain/operations";
import zones from "../../fixtures/zones.json";
import { oneOutput, outputOf, refusalOf, run } from "./run-operation";

const parse = (text: unknown, options: Record<string, unknown> = {}) =>
  oneOutput({ name: "date_parse", ...options }, text);
const format = (text: unknown, pattern: string, options: Record<string, unknown> = {}) =>
  oneOutput({ name: "date_format", format: pattern, ...options }, text);

describe("date_parse reads", () => {
  it.for<[string, string]>([
    // RFC 3339 §5.8
    ["1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z"],
    ["1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57.000Z"],
    ["1990-12-31T23:59:60Z", "1991-01-01T00:00:00.000Z"],
    ["1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000Z"],
    ["1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z"],
    ["1985-04-12t23:20:50z", "1985-04-12T23:20:50.000Z"],
    ["1985-04-12 23:20:50Z", "1985-04-12T23:20:50.000Z"],
    // ISO 8601
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["20240229", "2024-02-29T00:00:00.000Z"],
    ["2024-02", "2024-02-01T00:00:00.000Z"],
    ["2024", "2024-01-01T00:00:00.000Z"],
    ["2024-060", "2024-02-29T00:00:00.000Z"],
    ["2024060", "2024-02-29T00:00:00.000Z"],
    ["2020-W53-5", "2021-01-01T00:00:00.000Z"],
    ["2009W01", "2008-12-29T00:00:00.000Z"],
    ["20240229T101112,5+0130", "2024-02-29T08:41:12.500Z"],
    ["2024-02-29T10", "2024-02-29T10:00:00.000Z"],
    ["2024-02-29T24:00", "2024-03-01T00:00:00.000Z"],
    ["2024-02-29T10:11\u221201", "2024-02-29T11:11:00.000Z"],
    ["-000001-01-01", "-000001-01-01T00:00:00.000Z"],
    ["2024-07-01T12:00[Europe/Berlin]", "2024-07-01T10:00:00.000Z"],
    // Unix times, as the cells of a CSV file have them
    ["1706700000", "2024-01-31T11:20:00.000Z"],
    ["1706700000.5", "2024-01-31T11:20:00.500Z"],
    ["1706700000123", "2024-01-31T11:20:00.123Z"],
    // RFC 9110 and RFC 5322
    ["Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sunday, 06-Nov-94 08:49:37 GMT", "1994-11-06T08:49:37.000Z"],
    ["Sun Nov  6 08:49:37 1994", "1994-11-06T08:49:37.000Z"],
    ["Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06.000Z"],
    ["21 Nov 97 09:55 EST", "1997-11-21T14:55:00.000Z"],
    ["Sat, 31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00.000Z"],
    ["Fri, 21 Nov 1997 09:55:06 +0100 (CET)", "1997-11-21T08:55:06.000Z"],
    // Fractions of the smallest unit, and what Git and databases write
    ["2024-02-29T10:30.5Z", "2024-02-29T10:30:30.000Z"],
    ["20240229T10,25Z", "2024-02-29T10:15:00.000Z"],
    ["2024-02-29 10:11:12 +0100", "2024-02-29T09:11:12.000Z"],
    ["2024-02-29 10:11:12.5+00", "2024-02-29T10:11:12.500Z"],
    ["2024-02-29 10:11:12 UTC", "2024-02-29T10:11:12.000Z"],
  ])("%s", async ([text, instant], { expect }) => {
    expect(await parse(text)).toBe(instant);
  });

  it("Unix times in seconds and in milliseconds", async ({ expect }) => {
    expect(await outputOf("date_parse", [0, 1_700_000_000, 1_700_000_000_123, -1.5])).toEqual([
      "1970-01-01T00:00:00.000Z",
      "2023-11-14T22:13:20.000Z",
      "2023-11-14T22:13:20.123Z",
      "1969-12-31T23:59:58.500Z",
    ]);
  });

  it.for([
    "2023-02-29",
    "2024-13-01",
    "2024-00-10",
    "2024-04-31",
    "2023-366",
    "2021-W53-1",
    "2024-W00-1",
    "2024-01-01T25:00",
    "2024-01-01T24:01",
    "2024-01-01T10:60",
    "2024-01-01T10:00+25:00",
    "2024-1-1",
    "10:00",
    "2024-01-01T",
    "-000000-01-01",
    "Fri, 21 Nov 1997 09:55:06 XYZ",
    "2024-01-01T24:00.5",
    "2024-01-01T10:00:00 +1",
    "tomorrow",
    "",
    "x".repeat(1_000),
    "30 Feb 2024 10:00 GMT",
    "31 Dec 2016 22:59:60 GMT",
    "2016-12-31T23:59:60+23:59",
    "2024-01-01T10:00[Mars/X]",
    "202401310930",
    "170670000",
  ])("%j not", async (text, { expect }) => {
    expect(await refusalOf("date_parse", text)).toBe("invalid-value");
  });

  it("and refuses what is no text or number", async ({ expect }) => {
    expect(await refusalOf("date_parse", null)).toBe("wrong-type");
    expect(await refusalOf("date_parse", 1e300)).toBe("invalid-value");
  });

  it("what it wrote, and the same again", async ({ expect }) => {
    const date = fc.date({ min: new Date(-1e14), max: new Date(1e14), noInvalidDate: true });
    await fc.assert(
      fc.asyncProperty(date, async (at) => {
        const written = await parse(at.toISOString());
        expect(new Date(String(written)).getTime()).toBe(at.getTime());
        expect(await parse(written)).toBe(written);
      }),
      { numRuns: 50 },
    );
  });
});

it.for(zones.map(({ zone, times }) => [zone, times] as const))(
  "times in %s are those of another implementation, gaps and repeated hours included",
  async ([zone, times], { expect }) => {
    const outputs = await outputOf(
      { name: "date_parse", zone },
      times.map(([local]) => local),
    );
    expect(outputs).toEqual(times.map(([, instant]) => instant));
  },
);

describe("date_parse by a format", () => {
  it.for<[string, string, string, Record<string, unknown>]>([
    ["dd/MM/yyyy", "31/12/2024", "2024-12-31T00:00:00.000Z", {}],
    ["yyyyMMddHHmmssSSS", "20240229101112345", "2024-02-29T10:11:12.345Z", {}],
    ["d MMM yy, h:mm a", "5 Mar 24, 12:05 AM", "2024-03-05T00:05:00.000Z", {}],
    ["EEEE d. MMMM yyyy", "Samstag 2. März 2024", "2024-03-02T00:00:00.000Z", { locale: "de" }],
    ["yyyy-MM-dd'T'HH:mmXXX", "2024-01-01T00:00+05:30", "2023-12-31T18:30:00.000Z", {}],
    ["H 'o''clock' d.M.yyyy", "7 o'clock 1.2.2024", "2024-02-01T07:00:00.000Z", {}],
    ["yyyy-DDD", "2024-060", "2024-02-29T00:00:00.000Z", {}],
    ["yyyy-MM-dd HH:mm VV", "2024-07-01 12:00 Asia/Tokyo", "2024-07-01T03:00:00.000Z", {}],
    ["yyyy-MM-dd HH:mm VV", "2024-07-01 12:00 +05:45", "2024-07-01T06:15:00.000Z", {}],
    ["yyyy-MM-dd (DDD)", "2024-03-05 (065)", "2024-03-05T00:00:00.000Z", {}],
    ["yyyy'0'MM", "2024003", "2024-03-01T00:00:00.000Z", {}],
  ])("%s reads %s", async ([pattern, text, instant, options], { expect }) => {
    expect(await parse(text, { format: pattern, ...options })).toBe(instant);
  });

  it.for(["de", "en", "fa", "fi", "he", "ja", "ko", "lt", "pt", "tr", "vi", "zh"])(
    "reads the names of days, months and halves of the day that it writes in %s",
    async (locale, { expect }) => {
      for (const pattern of ["EEEE, d MMMM yyyy h:mm a", "a K:mm E d LLL yyyy"]) {
        for (const at of ["2024-09-08T23:05:00.000Z", "2025-05-05T00:30:00.000Z"]) {
          const written = String(await format(at, pattern, { locale }));
          expect(await parse(written, { format: pattern, locale }), written).toBe(at);
        }
      }
    },
  );

  // Each field that stands once more would multiply the ways to read a text.
  it("is refused where it tells a field twice", async ({ expect }) => {
    const twice = `d${"'x'E".repeat(6)}`;
    await expect(run({ name: "date_parse", format: twice }, ["x"])).rejects.toThrow();
  });

  // Read as they stand, `dd/mm/yyyy` is a day of January, and `DD.MM.YYYY` right until the first of February.
  it.for([
    ["dd/mm/yyyy", '"m" is minutes: write M for months'],
    ["DD/MM/YYYY", '"Y" is the year of a week: write y'],
    ["dddd", '"d" stands at most 2 times: write EEEE for weekdays'],
  ])(
    "of another language, %s, is refused with what to write",
    async ([format, why], { expect }) => {
      for (const name of ["date_parse", "date_format"])
        await expect(run({ name, format }, ["a"]), name).rejects.toThrow(why);
    },
  );

  it("is refused once", async ({ expect }) => {
    const operation = { name: "date_parse", format: "dd/mm/yyyy" };
    await loadOperations(operation);
    const { issues } = v.safeParse(Operation, operation);
    expect(issues).toHaveLength(1);
  });

  it("refuses what does not fit it", async ({ expect }) => {
    const operation = { name: "date_parse", format: "dd/MM/yyyy" };
    for (const text of ["12/31/2024", "1/1", "31/02/2024", "x"])
      expect(await refusalOf(operation, text), text).toBe("invalid-value");
    for (const [pattern, text] of [
      ["yyyy-MM-dd D", "2024-03-05 64"],
      ["yyyy-MM-dd kk", "2024-03-05 25"],
    ] as const)
      expect(await refusalOf({ name: "date_parse", format: pattern }, text)).toBe("invalid-value");
    for (const pattern of ["", "'", "yyyy-nn", "EEE", "'only text'", "QQ yyyy", "yyyyyyyyyyyy"])
      await expect(run({ name: "date_parse", format: pattern }, ["a"]), pattern).rejects.toThrow();
  });

  it("reads what date_format writes by it", async ({ expect }) => {
    const pattern = "EEE, d MMM yyyy HH:mm:ss.SSS xxx";
    const date = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
    await fc.assert(
      fc.asyncProperty(date, fc.constantFrom("UTC", "America/New_York"), async (at, zone) => {
        const written = await format(at.toISOString(), pattern, { zone });
        expect(await parse(written, { format: pattern, zone: "Asia/Tokyo" })).toBe(
          at.toISOString(),
        );
      }),
      { numRuns: 40 },
    );
  });
});

describe("date_format writes", () => {
  const at = "2024-02-05T15:04:09.120Z";
  it.for<[string, string, Record<string, unknown>]>([
    ["yyyy-MM-dd HH:mm", "2024-02-05 15:04", {}],
    ["yy y M L d D", "24 2024 2 2 5 36", {}],
    ["MMM MMMM LLL LLLL", "Feb February Feb February", {}],
    ["E EEEE e", "Mon Monday 1", {}],
    ["h:mm a K k H", "3:04 PM 3 15 15", {}],
    ["s ss S SSS SSSSSS", "9 09 1 120 120000", {}],
    ["Q w Y G", "1 6 2024 AD", {}],
    ["QQQ MMMMM EEEEE ccc eeee a", "Q1 F M Mon Monday PM", {}],
    [
      "X XX XXX x xxx Z ZZZZ ZZZZZ",
      "+01 +0100 +01:00 +01 +01:00 +0100 GMT+01:00 +01:00",
      { zone: "Europe/Berlin" },
    ],
    ["X x VV O", "Z +00 UTC GMT+0", {}],
    ["zzzz", "Central European Standard Time", { zone: "Europe/Berlin" }],
    ["d. MMMM yyyy, HH 'Uhr'", "5. Februar 2024, 16 Uhr", { zone: "Europe/Berlin", locale: "de" }],
    ["d MMMM", "5 февраля", { locale: "ru" }],
    ["'it''s' ''yy''", "it's '24'", {}],
  ])("%s", async ([pattern, text, options], { expect }) => {
    expect(await format(at, pattern, options)).toBe(text);
  });

  it("years before our era", async ({ expect }) => {
    expect(await format("0000-07-01", "y G, uuuu")).toBe("1 BC, 0000");
    expect(await format("-000043-03-15", "d MMM y GGGG")).toBe("15 Mar 44 Before Christ");
  });
});

describe("date_add and date_diff", () => {
  const add = (text: string, amounts: Record<string, unknown>) =>
    oneOutput({ name: "date_add", ...amounts }, text);
  const diff = (text: string, to: string, unit: string, zone = "UTC") =>
    oneOutput({ name: "date_diff", to, unit, zone }, text);

  it("clamp at the ends of months, and keep the time of day across a change of clocks", async ({
    expect,
  }) => {
    expect(await add("2024-01-31", { months: 1 })).toBe("2024-02-29T00:00:00.000Z");
    expect(await add("2024-02-29", { years: 1 })).toBe("2025-02-28T00:00:00.000Z");
    expect(await add("2024-02-29", { years: 1, months: 1 })).toBe("2025-03-29T00:00:00.000Z");
    expect(await add("2024-03-31", { months: -1, days: 1 })).toBe("2024-03-01T00:00:00.000Z");
    const zone = "Europe/Berlin";
    expect(await add("2024-03-30T12:00", { days: 1, zone })).toBe("2024-03-31T10:00:00.000Z");
    expect(await add("2024-03-30T12:00", { hours: 24, zone })).toBe("2024-03-31T11:00:00.000Z");
    expect(await add("2024-03-30T02:30", { days: 1, zone })).toBe("2024-03-31T01:30:00.000Z");
    expect(await add("2024-01-01", { weeks: 1, seconds: -1 })).toBe("2024-01-07T23:59:59.000Z");
    expect(await refusalOf({ name: "date_add", years: 1_000_000 }, "2024-01-01")).toBe(
      "invalid-value",
    );
  });

  it("refuse what is beyond the calendar, at its very end", async ({ expect }) => {
    const operation = { name: "date_diff", to: 8.64e15, unit: "months" };
    expect(await oneOutput(operation, 0)).toBe(3_285_488);
    expect(await oneOutput({ ...operation, to: 0 }, 8.64e15)).toBe(-3_285_488);
    // Clocks in Tokyo are ahead.
    expect(await refusalOf({ ...operation, zone: "Asia/Tokyo" }, 0)).toBe("invalid-value");
  });

  it("count whole units, in the calendar of the zone", async ({ expect }) => {
    expect(await diff("1990-05-17", "2024-05-16", "years")).toBe(33);
    expect(await diff("1990-05-17", "2024-05-17", "year")).toBe(34);
    expect(await diff("2024-01-31", "2024-02-29", "months")).toBe(1);
    expect(await diff("2024-01-30", "2024-02-28", "months")).toBe(0);
    expect(await diff("2024-03-30T12:00", "2024-03-31T12:00", "days", "Europe/Berlin")).toBe(1);
    expect(await diff("2024-03-30T12:00", "2024-03-31T12:00", "hours", "Europe/Berlin")).toBe(23);
    expect(await diff("2024-01-02", "2024-01-01", "seconds")).toBe(-86_400);
    expect(await oneOutput({ name: "date_diff", to: 86_400, unit: "hours" }, 0)).toBe(24);
    await expect(run({ name: "date_diff", to: "soon", unit: "days" }, ["a"])).rejects.toThrow();
  });

  it("are inverses in units of fixed length", async ({ expect }) => {
    const date = fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true });
    const amount = fc.integer({ min: -1e6, max: 1e6 });
    const unit = fc.constantFrom("days", "hours", "minutes", "seconds");
    await fc.assert(
      fc.asyncProperty(date, amount, unit, async (at, count, name) => {
        const later = String(await add(at.toISOString(), { [name]: count }));
        expect(await diff(at.toISOString(), later, name)).toBe(count);
      }),
      { numRuns: 40 },
    );
  });
});

it("a zone that does not exist is refused", async ({ expect }) => {
  await expect(run({ name: "date_parse", zone: "Mars/Olympus" }, ["2024-01-01"])).rejects.toThrow();
});

it("names that are written are counted", async ({ expect }) => {
  const operation = { name: "date_format", format: "Ea".repeat(100) };
  const dates = Array.from({ length: 3_000 }, (_, day) => day * 86_400);
  await expect(run(operation, dates)).rejects.toThrow("more work");
});
