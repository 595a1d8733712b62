// Rates such as `10/s`, `60/min`, `100/h` and `1000/day`, in which channels, upstreams and batches are configured.

/** The form of a rate. */
export const RATE = /^([1-9]\d{0,5})\/(s|min|h|day)$/;

const UNITS_MS: Readonly<Record<string, number>> = {
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  day: 86_400_000,
};

/** Milliseconds between two starts at a rate; 0 for a text that is none. */
export function rateIntervalMs(rate: string): number {
  const [, count = "1", unit = ""] = RATE.exec(rate) ?? [];
  return (UNITS_MS[unit] ?? 0) / Number(count);
}
