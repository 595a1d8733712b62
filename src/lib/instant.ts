// Parses instants in the form of RFC 3339.

const RFC_3339 =
  /^(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/**
 * Milliseconds since 1970 UTC of an instant with any offset; null for any other text, for dates that `Date`
 * would correct silently (30 February), and for instants whose year in UTC has more than four digits.
 */
export function parseInstant(text: string): number | null {
  const [, local] = RFC_3339.exec(text.toUpperCase()) ?? [];
  if (local === undefined) return null;
  const [named, meant] = [Date.parse(`${local}Z`), Date.parse(text)];
  if (Number.isNaN(named) || Number.isNaN(meant)) return null;
  const isNamed = new Date(named).toISOString().startsWith(local);
  return isNamed && /^\d{4}-/.test(new Date(meant).toISOString()) ? meant : null;
}
