// A call as others would write it: for a shell, and for a page with the browser client.

/** A call as it goes over the wire. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** A text goes as it is, with the Content-Type of `headers`; anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer bodies are left to a file. */
const MAX_BODY_CHARACTERS = 2000;
/** A value that is longer than this goes over several lines. */
const MAX_LINE_CHARACTERS = 72;
/** Of a longer list only the beginning is shown. */
const MAX_SHOWN_ITEMS = 12;
const SHOWN_OF_LONG_LIST = 3;

/** A call as a curl command. The token is left to the shell's `$TOKEN`. */
export function toCurl(call: ApiCall, origin: string, hasToken: boolean): string {
  const { body, headers = {} } = call;
  const isJson = body !== undefined && typeof body !== "string";
  const named = isJson ? { "Content-Type": "application/json", ...headers } : headers;
  const lines = [
    `curl ${call.method === "GET" ? "" : `-X ${call.method} `}${quote(origin + call.path)}`,
    ...(hasToken ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...Object.entries(named).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [toData(isJson ? JSON.stringify(body) : body)]),
  ];
  return lines.join(" \\\n  ");
}

/** For sh: nothing between single quotes means anything, but the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function toData(body: string): string {
  const isShort = body.length <= MAX_BODY_CHARACTERS && !body.startsWith("@");
  if (isShort) return `--data-raw ${quote(body)}`;
  return `--data-binary ${body.startsWith("@") ? body : "@body.json"}`;
}

/** The lines that use the client, under those that every use of it begins with. */
export function toClientCode(lines: string, origin: string, hasToken: boolean): string {
  const options = hasToken
    ? `{ baseUrl: "${origin}", token: "YOUR_TOKEN" }`
    : `{ baseUrl: "${origin}" }`;
  return `import { createClient } from "${origin}/client.js";

const client = createClient(${options});
${lines}`;
}

/** A value as JavaScript, on one line where it is short. */
export function toCode(value: unknown, indent = ""): string {
  const line = toLine(value);
  if (line.length + indent.length <= MAX_LINE_CHARACTERS) return line;
  if (typeof value !== "object" || value === null) return line;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? toParts(value, inner)
    : Object.entries(value).map(([key, one]) => `${toKey(key)}: ${toCode(one, inner)},`);
  return [open, ...parts.map((part) => inner + part), indent + close].join("\n");
}

function toParts(list: readonly unknown[], indent: string): string[] {
  const isLong = list.length > MAX_SHOWN_ITEMS;
  const shown = isLong ? list.slice(0, SHOWN_OF_LONG_LIST) : list;
  const rest = isLong ? [`// and ${list.length - SHOWN_OF_LONG_LIST} more`] : [];
  return [...shown.map((one) => `${toCode(one, indent)},`), ...rest];
}

function toLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((one) => toLine(one)).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, one]) => `${toKey(key)}: ${toLine(one)}`);
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

function toKey(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}
