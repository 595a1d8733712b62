// A call as others would write it: for a shell, and for a page with the browser client.

/** A call as it goes over the wire. */
export interface ApiCall {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  /** A text goes as it is, with the Content-Type of `headers`; anything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Longer bodies are cut in what is shown; nobody reads ten thousand items. */
const MAX_SHOWN_CHARACTERS = 4000;

/** A value that is longer than this goes over several lines. */
const MAX_LINE_CHARACTERS = 60;

/** A call as a curl command. The token is left to the shell's `$TOKEN`. */
export function toCurl(call: ApiCall, origin: string, hasToken: boolean): string {
  const { body, headers = {} } = call;
  const isJson = body !== undefined && typeof body !== "string";
  const named = isJson ? { "Content-Type": "application/json", ...headers } : headers;
  const lines = [
    `curl ${call.method === "GET" ? "" : `-X ${call.method} `}${quote(origin + call.path)}`,
    ...(hasToken ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...Object.entries(named).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined
      ? []
      : [`--data-raw ${quote(shorten(isJson ? JSON.stringify(body) : body))}`]),
  ];
  return lines.join(" \\\n  ");
}

/** For sh: nothing between single quotes means anything, but the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN_CHARACTERS ? text : `${text.slice(0, MAX_SHOWN_CHARACTERS)}…`;
}

/** The lines that use the client, under those that every use of it begins with. */
export function toClientCode(lines: string, origin: string, hasToken: boolean): string {
  const options = hasToken ? `{ baseUrl: "${origin}", token }` : `{ baseUrl: "${origin}" }`;
  return `import { createClient } from "${origin}/client.js";

const client = createClient(${options});
${lines}`;
}

/** A value as JavaScript, on one line where it is short. */
export function toCode(value: unknown): string {
  const line = JSON.stringify(value);
  return line.length <= MAX_LINE_CHARACTERS
    ? line.replaceAll(/([{,])"([A-Za-z_]\w*)":/g, "$1 $2: ").replaceAll("}", " }")
    : shorten(JSON.stringify(value, null, 2)).replaceAll(/^(\s*)"([A-Za-z_]\w*)":/gm, "$1$2:");
}
