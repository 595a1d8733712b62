/** An instant as RFC 3339 text in UTC, from milliseconds since 1970. */
export function toIsoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
