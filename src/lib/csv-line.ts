// Writes CSV as spreadsheets read it. Own code, since the libraries for writing it are larger than the rest
// of the HTTP layer.

/**
 * Texts that a spreadsheet would run as a formula. A formula entered as a name must stay a text (CSV
 * injection).
 */
const FORMULA = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One line of a CSV file (RFC 4180), with its CRLF. null and undefined become empty cells; values that are
 * not texts are written as JSON. A text that begins like a formula gets an apostrophe in front, as OWASP
 * advises.
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
