// Rates such as `10/s`, `60/min`, `100/h` and `1000/day`, in which channels, upstreams and batches are configured.

/** The form of a rate. */
export const RATE = /^([1-9]\d{0,5})\/(s|min|h|day)$/;

const PERIODS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  day: 86_400_000,
};

/** A number of starts in a period. */
export interface Rate {
  readonly count: number;
  readonly periodMs: number;
}

/** Parses a rate; null for a text that is none. */
export function parseRate(text: string): Rate | null {
  const [, count, unit = ""] = RATE.exec(text) ?? [];
  const periodMs = PERIODS_MS[unit];
  return periodMs === undefined ? null : { count: Number(count), periodMs };
}

/** Milliseconds between two starts at a rate; 0 for a text that is none. */
export function rateIntervalMs(text: string): number {
  const rate = parseRate(text);
  return rate === null ? 0 : rate.periodMs / rate.count;
}
