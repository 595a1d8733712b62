import * as fc from "fast-check";
import { describe, it } from "vitest";
import { backoffDelay, maxBackoff, parseRetryAfter } from "../../src/lib/retry-delay";

const NOW = Date.UTC(2026, 0, 1);

describe("backoffDelay", () => {
  it.for([
    [1, 200],
    [2, 400],
    [3, 800],
    [6, 6400],
    [7, 10_000],
    [2000, 10_000],
  ] as const)("after %i attempts is anywhere from 0 to %i ms", ([attempt, bound], { expect }) => {
    expect(backoffDelay(attempt, () => 0)).toBe(0);
    expect(backoffDelay(attempt, () => 0.5)).toBe(bound / 2);
    expect(backoffDelay(attempt, () => 1 - Number.EPSILON)).toBeLessThan(bound);
  });

  it.for([0, 1, 2, 3, 4, 5])(
    "takes no longer before %i repeats than said",
    (repeats, { expect }) => {
      const delays = Array.from({ length: repeats }, (_, at) => backoffDelay(at + 1, () => 1));
      expect(maxBackoff(repeats)).toBe(delays.reduce((sum, delay) => sum + delay, 0));
    },
  );
});

describe("parseRetryAfter", () => {
  it("reads seconds", ({ expect }) => {
    expect(parseRetryAfter("0", NOW)).toBe(0);
    expect(parseRetryAfter(" 120 ", NOW)).toBe(120_000);
    expect(parseRetryAfter("1.5", NOW)).toBe(1500);
  });

  it("reads an HTTP-date, and takes one that is over as now", ({ expect }) => {
    expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:07 GMT", NOW)).toBe(7000);
    expect(parseRetryAfter("Wed, 31 Dec 2025 23:59:59 GMT", NOW)).toBe(0);
  });

  it("reads the obsolete forms of an HTTP-date (RFC 9110 §5.6.7)", ({ expect }) => {
    expect(parseRetryAfter("Thursday, 01-Jan-26 00:00:07 GMT", NOW)).toBe(7000);
    expect(parseRetryAfter("Thu Jan  1 00:00:07 2026", NOW)).toBe(7000);
  });

  it("takes a number of any length for a wait, not for none", ({ expect }) => {
    expect(parseRetryAfter("99999999999999999999", NOW)).toBeGreaterThan(60_000);
  });

  it.for([null, "", " ", "soon", "-1", "1e3", "0x10", "1,2", "2026-01-01", "Thu, 99 Foo"])(
    "reads nothing from %j",
    (value, { expect }) => {
      expect(parseRetryAfter(value, NOW)).toBeNull();
    },
  );

  it("never gives a negative or unreadable delay", ({ expect }) => {
    const values = fc.oneof(
      fc.string(),
      fc.integer().map(String),
      fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
    );
    fc.assert(
      fc.property(values, fc.integer({ min: 0 }), (value, now) => {
        const delay = parseRetryAfter(value, now);
        expect(delay === null || delay >= 0).toBe(true);
      }),
    );
  });
});
