// Rules for what a caller may add to a call of a named upstream. What is not foreseen is refused: some servers
// take the URL or the method of a request from a header or a parameter, and would be led past the operator's
// lists.
import type { CallRequest } from "./call-request";
import type { Upstream } from "./upstreams";

/** A fault at a field of the call. */
export interface FieldFault {
  readonly keys: readonly string[];
  readonly detail: string;
}

/**
 * Headers that no call of a named upstream may bear, whatever the operator allows: they override URL or method,
 * or hand out a response in pieces, in which a secret cannot be found.
 */
const REFUSED_HEADERS =
  /^(?:range|if-range|request-range|-method|.*-override|x-http-(?:method|path|dest).*|x-(?:original|rewrite|rewritten|override|method|path|uri|url|request-(?:uri|url)|proxy-(?:url|host)|host|server|script-name|accel|sendfile|backend|middleware)(?:-.*)?)$/i;

/** Faults of the headers, parameters and form fields that a caller adds. */
export function faultsOfAdditions(request: CallRequest, upstream: Upstream): FieldFault[] {
  return [
    ...Object.keys(request.headers).flatMap((name) => faultOfHeader(name, upstream)),
    ...Object.keys(request.query ?? {}).flatMap((name) =>
      faultOfParameter(name, upstream, ["query", name]),
    ),
    ...parametersIn(request.path).flatMap((name) => faultOfParameter(name, upstream, ["path"])),
    ...namesInBody(request).flatMap(([keys, name]) =>
      isMethodName(name) ? [{ keys, detail: OVERRIDES }] : [],
    ),
  ];
}

const OVERRIDES = "It could stand for a URL or a method that is not open";

function faultOfHeader(name: string, { headers, headersAllowed, oauth2 }: Upstream): FieldFault[] {
  const keys = ["headers", name];
  const lower = name.toLowerCase();
  // To CGI and what descends from it, `_` and `-` in a name are one.
  if (REFUSED_HEADERS.test(lower.replaceAll("_", "-"))) return [{ keys, detail: OVERRIDES }];
  const isOwn = Object.hasOwn(headers, lower) || (oauth2 !== null && lower === "authorization");
  if (isOwn) return [{ keys, detail: "The upstream sets this header itself" }];
  if (headersAllowed.has(lower)) return [];
  const allowed = [...headersAllowed].join(", ") || "none";
  return [{ keys, detail: `Headers that calls of this upstream may add: ${allowed}` }];
}

function faultOfParameter(
  name: string,
  { query, queryAllowed }: Upstream,
  keys: readonly string[],
): FieldFault[] {
  if (isMethodName(name)) return [{ keys, detail: OVERRIDES }];
  if (query.some(([own]) => normalize(own) === normalize(name)))
    return [{ keys, detail: `The upstream sets the parameter ${name} itself` }];
  if (queryAllowed === null || queryAllowed.has(name)) return [];
  const allowed = [...queryAllowed].join(", ") || "none";
  return [{ keys, detail: `Parameters that calls of this upstream may add: ${allowed}` }];
}

/**
 * Names of the parameters in a path's query, of which some servers take `;` for a separator, too. The query is
 * read as it will be sent: the URL parser drops tabs and line breaks, also from within a name.
 */
function parametersIn(path = "/"): string[] {
  const query = path.includes("?") ? (URL.parse(`http://host${path}`)?.search ?? "") : "";
  return query === "" ? [] : namesIn(query.slice(1));
}

function namesIn(encoded: string): string[] {
  const names = new Set(new URLSearchParams(encoded).keys());
  for (const name of new URLSearchParams(encoded.replaceAll(";", "&")).keys()) names.add(name);
  return [...names];
}

type NameInBody = readonly [keys: readonly string[], name: string];

/** Names that a server may find in the body. What is sent as bytes or text is read as its type says. */
function namesInBody(request: CallRequest): NameInBody[] {
  const { form, json, body, body_base64 } = request;
  if (form !== undefined) return inJson("form", form);
  if (json !== undefined && json !== null) return inJson("json", json);
  const key = typeof body === "string" ? "body" : "body_base64";
  const text = body ?? decode(body_base64);
  return text === "" ? [] : namesInText(text).map((name) => [[key], name]);
}

function inJson(key: string, value: unknown): NameInBody[] {
  return Object.keys(Object(value)).map((name) => [[key, name], name]);
}

function decode(base64: string | undefined): string {
  return base64 === undefined ? "" : new TextDecoder().decode(Uint8Array.fromBase64(base64));
}

/** Names of fields in a text, whatever it is taken for: a form, the parts of one, or JSON. */
function namesInText(text: string): string[] {
  const parts = text.matchAll(/name\*?\s*=\s*["']?([^"';\r\n]*)/gi);
  const members = text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:/g);
  return [
    ...namesIn(text.trim()),
    ...Array.from(parts, ([, name = ""]) => name),
    ...Array.from(members, ([, name = ""]) => unescape(name)),
  ];
}

function unescape(name: string): string {
  return name.replaceAll(/\\u([0-9a-f]{4})/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

/** True for spellings of `_method`: PHP trims names, and makes `_` of a dot, a space or a bracket. */
function isMethodName(name: string): boolean {
  return /^_+method$/.test(normalize(name)) || normalize(name) === "x-http-method-override";
}

function normalize(name: string): string {
  return name
    .replace(/^[\s\0]+/, "")
    .replace(/\[.*$/s, (rest) => (rest.includes("]") ? "" : rest))
    .replaceAll(/[\s.[\0]/g, "_")
    .replace(/_+$/, "")
    .toLowerCase();
}
