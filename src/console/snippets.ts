// Formats a request as code: a curl command, and JavaScript with the browser client.

/** A request as it is sent. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** A text is sent as it is, with the Content-Type of `headers`, and a file too; anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request that was sent, with the same in JavaScript. */
export interface Sent {
  readonly call: ApiCall;
  readonly code: string;
}

/** A body that is a file chosen by the user. */
export class FileBody {
  readonly name: string;
  /** A description, such as `the file that you chose`. */
  readonly origin: string;

  constructor(name: string, origin: string) {
    this.name = name;
    this.origin = origin;
  }
}

/** A variable in the code shown, in place of a value that is too long or cannot be written. */
export class Variable {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Characters of a body that are shown inline; a longer one is written to a file. */
const MAX_BODY_CHARACTERS = 2000;
/** Characters of a value that are shown on one line. */
const MAX_LINE_CHARACTERS = 72;
/** Items of a list that are shown whole; of a longer list only the first few are. */
const MAX_SHOWN_ITEMS = 12;
const SHOWN_OF_LONG_LIST = 3;

/** The file that `toCurl` refers to for a body that is too long for a command line; null if it is short. */
export function longBody({ body }: ApiCall): { name: string; text: string } | null {
  if (body === undefined || body instanceof FileBody) return null;
  const isText = typeof body === "string";
  const text = isText ? body : JSON.stringify(body);
  if (text.length <= MAX_BODY_CHARACTERS) return null;
  return { name: isText ? "body.ndjson" : "body.json", text };
}

/** Formats a request as a curl command. The token is the shell variable `$TOKEN`. */
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

/** The argument of curl's `--data`, with a note before the command if it is a file. */
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

/** Removes line breaks, for comments: names of files may contain them. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s/g, " ");
}

/** Quotes a text for sh. Within single quotes only the quote itself is special. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Adds the import and the client's creation to the lines that use it. */
export function toClientCode(lines: string, origin: string, hasToken: boolean): string {
  const options = hasToken
    ? `{ baseUrl: "${origin}", token: "YOUR_TOKEN" }`
    : `{ baseUrl: "${origin}" }`;
  return `import { createClient } from "${origin}/client.js";

const client = createClient(${options});
${lines}`;
}

/** Formats a value as JavaScript, on one line if it is short. */
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

/** Formats a property; a variable of the same name becomes a shorthand. */
function toEntry(key: string, value: unknown, code: string): string {
  return value instanceof Variable && value.name === key ? key : `${toKey(key)}: ${code}`;
}

function toKey(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
}
