/** The calendar's view of an instant, in milliseconds since 1970. Reads no clock, unlike `Date` itself. */
export function dateAt(epochMs: number): Date {
  return new Date(epochMs);
}
