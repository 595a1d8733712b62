// HTML built from templates whose values are always escaped, so that no text from outside becomes markup.

/** HTML that may be sent as it is; made by `markup` alone. */
export class Html {
  readonly text: string;

  /** Used by `markup` alone: whatever is given here is sent unescaped. */
  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | readonly Html[];

/**
 * Creates HTML from a template. Values are escaped for text and for attributes in quotes, but `Html` is taken
 * as it is.
 */
export function markup(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(parts.map((part, index) => part + toMarkup(values[index] ?? "")).join(""));
}

function toMarkup(value: Value): string {
  if (value instanceof Html) return value.text;
  if (typeof value === "object") return value.map(({ text }) => text).join("");
  return String(value)
    .toWellFormed()
    .replaceAll(/[&<>"'\0]/g, (character) => ENTITIES[character] ?? "");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  // HTML cannot contain it, in any spelling.
  "\0": "\ufffd",
};
