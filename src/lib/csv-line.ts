// Writes CSV as spreadsheets read it. Own code, since the libraries for writing it are larger than the rest
// of the HTTP layer.

/**
 * What a spreadsheet would run: a formula in someone's name must stay a name. Where it takes `;` or a tab
 * for the separator, as in much of Europe, a cell begins in the middle of ours.
 */
const FORMULA = /(^|[,;\t\r\n])([ "]*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;
/** In JSON a comma stands before plain numbers, and tabs and line breaks are escaped. */
const FORMULA_IN_JSON = /(;)([ "\\]*)(?=[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;
const NEEDS_QUOTES = /[",\r\n]/;

/**
 * One line of a CSV file (RFC 4180), with its CRLF. null and undefined are empty cells. What begins like
 * a formula is led by an apostrophe, as OWASP advises. What is no text is written as JSON.
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
