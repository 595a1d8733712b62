// Parses the Prefer header (RFC 7240).

/** True for the preference `handling=strict` (§4.4): the caller wants doubtful input refused. */
export function prefersStrict(headers: Headers): boolean {
  const field = headers.get("Prefer");
  return field !== null && /(?:^|,)\s*handling\s*=\s*"?strict"?\s*(?:[;,]|$)/i.test(field);
}

/** Seconds of the preference `wait`, at most `max`; null if the caller did not send it. */
export function parseWait(headers: Headers, max: number): number | null {
  const preferences = (headers.get("Prefer") ?? "").split(",");
  for (const preference of preferences) {
    const seconds = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*(?:;.*)?$/i.exec(preference)?.[1];
    if (seconds !== undefined) return Math.min(max, Number(seconds));
  }
  return null;
}
