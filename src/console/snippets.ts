// A call as others would write it: for a shell, and for a page with the browser client.

/** A call as it goes over the wire. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** A text goes as it is, with the Content-Type of `headers`; anything else but a file as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A call that was sent, and the client's lines that send the same. */
export interface Sent {
  readonly call: ApiCall;
  readonly code: string;
}

/** A body that is a file of the reader's. */
export class FileBody {
  readonly name: string;
  /** Such as `the file that you chose`. */
  readonly origin: string;

  constructor(name: string, origin: string) {
    this.name = name;
    this.origin = origin;
  }
}

/** A variable of the code that is shown, where a value would be too long or is none. */
export class Variable {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Longer bodies are left to a file. */
const MAX_BODY_CHARACTERS = 2000;
/** A value that is longer than this goes over several lines. */
const MAX_LINE_CHARACTERS = 72;
/** Of a longer list only the beginning is shown. */
const MAX_SHOWN_ITEMS = 12;
const SHOWN_OF_LONG_LIST = 3;

/** A body that is too long for a command line, as the file that `toCurl` names; else null. */
export function longBody({ body }: ApiCall): { name: string; text: string } | null {
  if (body === undefined || body instanceof FileBody) return null;
  const isText = typeof body === "string";
  const text = isText ? body : JSON.stringify(body);
  if (text.length <= MAX_BODY_CHARACTERS) return null;
  return { name: isText ? "body.ndjson" : "body.json", text };
}

/** A call as a curl command. The token is left to the shell's `$TOKEN`. */
export function toCurl(call: ApiCall, origin: string, hasToken: boolean): string {
  const { body, headers = {} } = call;
  const isJson = body !== undefined && typeof body !== "string" && !(body instanceof FileBody);
  const named = isJson ? { "Content-Type": "application/json", ...headers } : headers;
  const [note, ...data] = dataOf(call);
  const lines = [
    `curl ${call.method === "GET" ? "" : `-X ${call.method} `}${quote(origin + call.path)}`,
    ...(hasToken ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...Object.entries(named).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...data,
  ];
  return note + lines.join(" \\\n  ");
}

/** The body as curl takes it, after a line that says which file it is, where it is one. */
function dataOf(call: ApiCall): [note: string, data?: string] {
  const { body } = call;
  if (body === undefined) return [""];
  const long = longBody(call);
  const file =
    long === null ? body : new FileBody(long.name, "what the button above saves: this body, whole");
  if (!(file instanceof FileBody)) {
    return ["", `--data-raw ${quote(typeof file === "string" ? file : JSON.stringify(file))}`];
  }
  const name = /^[\w.-]+$/.test(file.name) ? `@${file.name}` : quote(`@${file.name}`);
  return [`# ${oneLine(file.name)} is ${file.origin}\n`, `--data-binary ${name}`];
}

/** For a comment, which ends with its line: the names of files may hold ends of lines. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s/g, " ");
}

/** For sh: nothing between single quotes means anything, but the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
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
  if (typeof value !== "object" || value === null || value instanceof Variable) return line;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const parts = Array.isArray(value)
    ? toParts(value, inner)
    : Object.entries(value).map(([key, one]) => `${toEntry(key, one, toCode(one, inner))},`);
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
  if (value instanceof Variable) return value.name;
  const entries = Object.entries(value).map(([key, one]) => toEntry(key, one, toLine(one)));
  return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
}

/** A property, which a variable of its own name says alone. */
function toEntry(key: string, value: unknown, code: string): string {
  return value instanceof Variable && value.name === key ? key : `${toKey(key)}: ${code}`;
}

function toKey(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}
