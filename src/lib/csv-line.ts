// Writes CSV as spreadsheets read it. Own code, since the libraries for writing it are larger than the rest
// of the HTTP layer.

/**
 * The start of a formula, which a spreadsheet would run (CSV injection). It can also begin within a cell of
 * ours, since spreadsheets in much of Europe separate cells by `;` or a tab.
 */
const FORMULA = /(^|[,;\t\r\n])([ "]*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;
/** The same in JSON, where numbers follow commas, and tabs and line breaks are escaped. */
const FORMULA_IN_JSON = /(;)([ "\\]*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One line of a CSV file (RFC 4180), with its CRLF. null and undefined become empty cells; values that are
 * not texts are written as JSON. A text that begins like a formula gets an apostrophe in front, as OWASP advises.
 */
export function csvLine(cells: readonly unknown[]): string {
  return `${cells.map(toCell).join(",")}\r\n`;
}

function toCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text =
    typeof value === "string"
      ? value.replaceAll(FORMULA, "$1$2'")
      : JSON.stringify(value).replaceAll(FORMULA_IN_JSON, "$1$2'");
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
