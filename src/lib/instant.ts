// Instants as RFC 3339 writes them.

const RFC_3339 =
  /^(\d{4}-\d\d-\d\dT(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/**
 * The milliseconds since 1970 UTC of an instant with any offset, or null for what is none: what has another
 * form, what `Date` would put right (30 February), and what leaves the four-digit years in UTC.
 */
export function parseInstant(text: string): number | null {
  const [, local] = RFC_3339.exec(text.toUpperCase()) ?? [];
  if (local === undefined) return null;
  const [named, meant] = [Date.parse(`${local}Z`), Date.parse(text)];
  if (Number.isNaN(named) || Number.isNaN(meant)) return null;
  const isNamed = new Date(named).toISOString().startsWith(local);
  return isNamed && /^\d{4}-/.test(new Date(meant).toISOString()) ? meant : null;
}
