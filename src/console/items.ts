// A list of items as it is typed: lines of text, or JSON.

/** How the text is to be read. */
type ItemFormat = "lines" | "json";

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
  const isLines = items.every((item) => typeof item === "string" && /^[^\n]*\S[^\n]*$/.test(item));
  return isLines
    ? { format: "lines", text: items.join("\n") }
    : {
        format: "json",
        text: `[\n${items.map((item) => `  ${JSON.stringify(item)}`).join(",\n")}\n]`,
      };
}
