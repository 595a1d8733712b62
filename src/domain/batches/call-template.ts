// The template of a batch that makes each row of a CSV file a call: a request of /external-api as JSON whose
// texts hold `{column}`.

/** A value for each column. */
export type Row = Readonly<Record<string, string>>;

/** Parts of a text: literal ones, and names of columns. */
type Part = string | { readonly column: string };

/** Members of a request whose values are URLs: what is put into them is percent-encoded. */
const ENCODED: ReadonlySet<string> = new Set(["url", "path"]);
/** A segment `.` or `..` of a path, as URLs resolve them. */
const DOTS = /^[^?#]*[/\\](?:\.|%2e){1,2}(?:[/\\?#]|$)/i;
const PLACEHOLDER = /\{\{|\}\}|\{([^{}]*)\}|[{}]/g;

/** Names in a template for which there is no column. */
export function unknownColumns(template: unknown, columns: readonly string[]): string[] {
  const names = new Set<string>();
  walk(template, (text) => {
    for (const part of partsOf(text)) if (typeof part !== "string") names.add(part.column);
    return text;
  });
  return [...names].filter((name) => columnOf(name, columns) === undefined);
}

/** The call that a row makes. Columns of any case and outer spaces match. */
export function fillTemplate(template: unknown, row: Row): unknown {
  const columns = Object.keys(row);
  const valueOf = (name: string) => row[columnOf(name, columns) ?? ""] ?? "";
  return walk(template, (text, path) => {
    const isEncoded = path.length === 0 || (path.length === 1 && ENCODED.has(path[0] ?? ""));
    const fill = (part: Part) => {
      if (typeof part === "string") return part;
      const value = valueOf(part.column);
      return isEncoded ? encodeURIComponent(value.toWellFormed()) : value;
    };
    return partsOf(text).map(fill).join("");
  });
}

/** Pointers to the URL or path of a filled template that leads elsewhere than the template: cells may be `.` or `..`. */
export function strayPaths(filled: unknown): string[] {
  const { url, path }: Readonly<Record<string, unknown>> = Object(filled);
  const texts = typeof filled === "string" ? { "": filled } : { "/url": url, "/path": path };
  return Object.entries(texts).flatMap(([at, text]) => (DOTS.test(String(text)) ? [at] : []));
}

/** A copy of a JSON value with its texts changed, each with the names of the members that lead to it. */
function walk(
  value: unknown,
  change: (text: string, path: readonly string[]) => string,
  path: readonly string[] = [],
): unknown {
  if (typeof value === "string") return change(value, path);
  if (Array.isArray(value)) return value.map((part) => walk(part, change, [...path, ""]));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, walk(part, change, [...path, key])]),
  );
}

function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let last = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    const [whole, column] = match;
    parts.push(text.slice(last, match.index));
    // A doubled brace stands for one, and one without its other half for itself.
    parts.push(column === undefined ? whole.slice(0, 1) : { column });
    last = match.index + whole.length;
  }
  parts.push(text.slice(last));
  return parts;
}

function columnOf(name: string, columns: readonly string[]): string | undefined {
  if (columns.includes(name)) return name;
  const wanted = fold(name);
  return columns.find((column) => fold(column) === wanted);
}

/** The form of a column's name by which it is found. */
export function fold(name: string): string {
  return name.trim().toLowerCase();
}
