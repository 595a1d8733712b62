// Rates such as `60/min`.

const PERIODS_MS = { s: 1000, min: 60_000, h: 3_600_000, day: 86_400_000 } as const;
const MAX_COUNT = 1_000_000;

/** A number of calls in a period. */
export interface Rate {
  readonly count: number;
  readonly periodMs: number;
}

/** Parses `<n>/s`, `/min`, `/h` or `/day`; null for anything else. */
export function parseRate(text: string): Rate | null {
  const { count = "", unit } = /^(?<count>\d{1,7})\/(?<unit>s|min|h|day)$/.exec(text)?.groups ?? {};
  const periodMs = Object.entries(PERIODS_MS).find(([name]) => name === unit)?.[1];
  const number = Number(count);
  if (periodMs === undefined || number < 1 || number > MAX_COUNT) return null;
  return { count: number, periodMs };
}
