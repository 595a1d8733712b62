// Parses the Prefer header (RFC 7240).

/** Seconds of the preference `wait`, at most `max`; null if the caller did not send it. */
export function parseWait(headers: Headers, max: number): number | null {
  const preferences = (headers.get("Prefer") ?? "").split(",");
  for (const preference of preferences) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(max, Number(seconds));
  }
  return null;
}
