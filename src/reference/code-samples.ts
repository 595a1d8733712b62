// A route's first example as code to paste, for curl, JavaScript and Python.
import type { DocumentedRoute } from "./documented-routes";

/** One sample, as tools that draw OpenAPI documents read it (`x-codeSamples`). */
export interface CodeSample {
  readonly lang: "Shell" | "JavaScript" | "Python";
  readonly label: string;
  readonly source: string;
}

/** A request, as all three languages send it. */
interface SampleRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** The first example of a route as code. `$URL` and the like stand for the deployment. */
export function codeSamples(route: DocumentedRoute): CodeSample[] {
  const request = requestOf(route);
  return [
    { lang: "Shell", label: "curl", source: toCurl(request) },
    { lang: "JavaScript", label: "JavaScript", source: toJavaScript(request) },
    { lang: "Python", label: "Python", source: toPython(request) },
  ];
}

function requestOf({ method, path, access, examples }: DocumentedRoute): SampleRequest {
  const { params = {}, query = {}, headers = {}, body, mediaType } = examples[0];
  const search = new URLSearchParams(query).toString();
  const filled = path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params[name] ?? ""));
  const type = mediaType ?? "application/json";
  return {
    method,
    path: filled + (search && `?${search}`),
    headers: {
      ...(access === "token" && { Authorization: "Bearer $TOKEN" }),
      ...(body !== undefined && { "Content-Type": type }),
      ...headers,
    },
    body:
      body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body, null, 2),
  };
}

function toCurl({ method, path, headers, body }: SampleRequest): string {
  const parts = [
    `curl "$URL${path.replaceAll("$", String.raw`\$`)}"`,
    ...(method === "GET" || (method === "POST" && body !== null) ? [] : [`-X ${method}`]),
    ...Object.entries(headers).map(([name, value]) => `-H ${inShell(`${name}: ${value}`)}`),
    ...(body === null ? [] : [`--data-binary ${inShell(body)}`]),
  ];
  return parts.join(" \\\n  ");
}

/** In double quotes where a variable is to be filled in, else in single ones. */
function inShell(text: string): string {
  if (text.includes("$TOKEN")) return `"${text}"`;
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function toJavaScript({ method, path, headers, body }: SampleRequest): string {
  const init = {
    ...(method !== "GET" && { method: JSON.stringify(method) }),
    ...(Object.keys(headers).length > 0 && { headers: inJavaScript(headers) }),
    ...(body !== null && { body: bodyInJavaScript(body) }),
  };
  const fields = Object.entries(init).map(([name, code]) => `  ${name}: ${code},\n`);
  const second = fields.length === 0 ? "" : `, {\n${fields.join("")}}`;
  return `const response = await fetch(URL + ${JSON.stringify(path)}${second});\nconsole.log(response.status, await response.text());`;
}

function inJavaScript(headers: SampleRequest["headers"]): string {
  const entries = Object.entries(headers).map(([name, value]) => {
    const text = value.includes("$TOKEN")
      ? `\`${value.replace("$TOKEN", "${TOKEN}")}\``
      : JSON.stringify(value);
    return `${JSON.stringify(name)}: ${text}`;
  });
  return `{ ${entries.join(", ")} }`;
}

function bodyInJavaScript(body: string): string {
  return isJson(body) ? `JSON.stringify(${body.replaceAll("\n", "\n  ")})` : JSON.stringify(body);
}

function isJson(text: string): boolean {
  return /^[[{]/.test(text) && !text.includes("\n{");
}

function toPython({ method, path, headers, body }: SampleRequest): string {
  const entries = Object.entries(headers).map(([name, value]) => {
    const isFilled = value.includes("$TOKEN");
    const text = JSON.stringify(value.replace("$TOKEN", "{TOKEN}"));
    return `${JSON.stringify(name)}: ${isFilled ? "f" : ""}${text}`;
  });
  const given = [
    `    URL + ${JSON.stringify(path)},`,
    `    method=${JSON.stringify(method)},`,
    ...(entries.length > 0 ? [`    headers={${entries.join(", ")}},`] : []),
    ...(body === null ? [] : [`    data=${JSON.stringify(body)}.encode(),`]),
  ];
  return [
    "from urllib.request import Request, urlopen",
    "",
    "request = Request(",
    ...given,
    ")",
    "with urlopen(request) as response:",
    "    print(response.status, response.read().decode())",
  ].join("\n");
}
