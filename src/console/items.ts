// A list of items as it is typed: lines of text, or JSON.

/** How the text is to be read. */
export type ItemFormat = "lines" | "json";

/** What stands in an items field. */
export interface ItemsText {
  readonly format: ItemFormat;
  readonly text: string;
}

/** The items, or what keeps the text from being read as such. Blank lines are no items. */
export function parseItems({ format, text }: ItemsText): unknown[] | { readonly fault: string } {
  if (format === "lines") return text.split("\n").filter((line) => line.trim() !== "");
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : { fault: "Not a JSON array, such as [1, 2, 3]" };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : "Not JSON" };
  }
}

/** Items as text: lines where all are texts of one line, and JSON otherwise. */
export function formatItems(items: readonly unknown[]): ItemsText {
  return items.every(isLine)
    ? { format: "lines", text: items.join("\n") }
    : { format: "json", text: toJson(items) };
}

/**
 * The same items in another form. Lines are texts: what is none stands there as its JSON. A text that
 * cannot be read is left as it is.
 */
export function convertItems(from: ItemsText, format: ItemFormat): ItemsText {
  const items = parseItems(from);
  if (format === from.format || "fault" in items) return { format, text: from.text };
  if (format === "json") return { format, text: toJson(items) };
  const lines = items.map((item) => (isLine(item) ? item : JSON.stringify(item)));
  return { format, text: lines.join("\n") };
}

function isLine(item: unknown): item is string {
  return typeof item === "string" && /^[^\n]*\S[^\n]*$/.test(item);
}

function toJson(items: readonly unknown[]): string {
  if (items.length === 0) return "[]";
  return `[\n${items.map((item) => `  ${JSON.stringify(item)}`).join(",\n")}\n]`;
}
