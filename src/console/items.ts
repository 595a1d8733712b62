// A list of items as the user types it: lines of text, or JSON.

/** Format of the text. */
export type ItemFormat = "lines" | "json";

/** The content of an items field. */
export interface ItemsText {
  readonly format: ItemFormat;
  readonly text: string;
}

/** Parses the items, or returns the fault in the text. Blank lines are skipped. */
export function parseItems({ format, text }: ItemsText): unknown[] | { readonly fault: string } {
  if (format === "lines") return text.split("\n").filter((line) => line.trim() !== "");
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : { fault: "Not a JSON array, such as [1, 2, 3]" };
  } catch (error) {
    return { fault: error instanceof Error ? error.message : "Not JSON" };
  }
}

/** Formats items as lines if all are texts of one line, else as JSON. */
export function formatItems(items: readonly unknown[]): ItemsText {
  return items.every(isLine)
    ? { format: "lines", text: items.join("\n") }
    : { format: "json", text: toJson(items) };
}

/**
 * Converts the text to the other format. Items that are not texts become lines with their JSON. A text that
 * cannot be parsed stays as it is.
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
