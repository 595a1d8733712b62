// Instants as HTTP writes them.

/** The three forms of RFC 9110 §5.6.7 begin with the name of a day and hold a time. */
const HTTP_DATE = /^[A-Z][a-z]{2,8},? .*\d{2}:\d{2}:\d{2}/;

/** Milliseconds since 1970 UTC of an HTTP-date; NaN for anything else. */
export function parseHttpDate(text: string | null | undefined): number {
  return text && HTTP_DATE.test(text) ? Date.parse(text) : NaN;
}
