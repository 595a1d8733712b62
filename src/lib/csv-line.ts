// CSV as spreadsheets read it. Writing it takes these few lines; the libraries for it are larger than
// the rest of the HTTP layer.

/** What a spreadsheet would run: a formula in someone's name must stay a name. */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One line of a CSV file (RFC 4180), with its CRLF. null and undefined are empty cells. A text that
 * begins like a formula is led by an apostrophe, as OWASP advises. What is no text is written as JSON.
 */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "string" ? guard(value) : JSON.stringify(value);
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function guard(text: string): string {
  return FORMULA.test(text) ? `'${text}` : text;
}
