// The same promises as ours for one endpoint, byte for byte, written out by hand: no router, no schema
// library, no layers. What we cost more than this is what the structure costs.

interface Vars {
  readonly ALLOWED_ORIGINS: string;
  readonly PUBLIC_ENDPOINTS: string;
}

/** One request on its way. */
interface Call {
  readonly request: Request;
  readonly origin: string;
  readonly path: string;
  readonly allowedOrigin: string | null;
  readonly requestId: string;
  readonly startedAt: number;
}

type Operation = keyof typeof OPERATIONS;

interface Work {
  readonly items: readonly unknown[];
  /** One, or several to be applied in this order. */
  readonly operation: Operation | readonly Operation[];
}

type Failure = { readonly index: number; readonly code: string; readonly detail: string };
type Fault = { readonly pointer: string; readonly detail: string };

const MAX_BODY_BYTES = 1024 * 1024;
const MAX_ITEMS = 10_000;
const MAX_FAULTS = 100;

const OPERATIONS = {
  uppercase: (text: string) => text.toUpperCase(),
  lowercase: (text: string) => text.toLowerCase(),
  trim: (text: string) => text.trim(),
};

const USUAL_HEADERS = new Headers({
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  Vary: "Origin",
});
const CORS_HEADERS = new Headers([
  ...USUAL_HEADERS,
  [
    "Access-Control-Expose-Headers",
    "Location, Link, Retry-After, ETag, Request-Id, Idempotency-Replayed, Preference-Applied, Server-Timing, RateLimit-Policy",
  ],
]);

const TITLES: Record<string, readonly [status: number, title: string]> = {
  "malformed-json": [400, "The body is not JSON"],
  unauthorized: [401, "A valid token is needed"],
  "origin-not-allowed": [403, "This origin may not call"],
  "not-found": [404, "There is nothing here"],
  "body-too-large": [413, "The body is too large"],
  "unsupported-media-type": [415, "This media type is not taken"],
  "invalid-body": [422, "The body does not fit the schema"],
  internal: [500, "The server failed"],
};

class Refusal extends Error {
  readonly code: string;
  readonly errors: readonly Fault[] | undefined;

  constructor(code: string, detail: string, errors?: readonly Fault[]) {
    super(detail);
    this.code = code;
    this.errors = errors;
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

export default {
  async fetch(request: Request, vars: Vars): Promise<Response> {
    const call = open(request, vars);
    try {
      const content = await answer(call, vars);
      const headers = {
        "Content-Type": "application/json",
        "Server-Timing": `total;dur=${(performance.now() - call.startedAt).toFixed(1)}`,
      };
      log(call, 200, null);
      return respond(call, 200, headers, content);
    } catch (thrown) {
      return refuse(call, thrown);
    }
  },
};

function open(request: Request, { ALLOWED_ORIGINS }: Vars): Call {
  const { url } = request;
  const pathAt = url.indexOf("/", "https://".length);
  const queryAt = url.indexOf("?", pathAt);
  const from = request.headers.get("Origin");
  const isAllowed =
    ALLOWED_ORIGINS === "*" || (from !== null && ALLOWED_ORIGINS.split(",").includes(from));
  return {
    request,
    origin: url.slice(0, pathAt),
    path: queryAt === -1 ? url.slice(pathAt) : url.slice(pathAt, queryAt),
    allowedOrigin: isAllowed ? from : null,
    requestId: crypto.randomUUID(),
    startedAt: performance.now(),
  };
}

async function answer({ request, path, allowedOrigin }: Call, vars: Vars): Promise<string> {
  const { headers } = request;
  if (headers.has("Authorization")) throw new Refusal("unauthorized", "The token is not valid.");
  if (allowedOrigin === null && headers.has("Origin")) {
    throw new Refusal("origin-not-allowed", "Pages of this origin may not call.");
  }
  if (request.method !== "POST" || path !== "/process-data") {
    throw new Refusal("not-found", "There is nothing under this path.");
  }
  if (!vars.PUBLIC_ENDPOINTS.split(" ").includes("process-data")) {
    throw new Refusal("unauthorized", "Send a token: `Authorization: Bearer <token>`.");
  }
  requireJson(headers);
  return run(check(parse(await readBytes(request))));
}

function requireJson(headers: Headers): void {
  const type = (headers.get("Content-Type") ?? "").toLowerCase();
  const isJson = /^application\/json\s*(?:;\s*charset="?utf-?8"?\s*)?$/.test(type);
  if (isJson && (headers.get("Content-Encoding") ?? "identity") === "identity") return;
  throw new Refusal("unsupported-media-type", "Send the body as application/json, in UTF-8.");
}

async function readBytes(request: Request): Promise<ArrayBuffer> {
  const declared = request.headers.get("Content-Length");
  // A body without a declared length is refused: bounding it would be the same loop as ours.
  if (declared !== null && Number(declared) <= MAX_BODY_BYTES) return request.arrayBuffer();
  throw new Refusal("body-too-large", `The body may have at most ${MAX_BODY_BYTES} bytes.`);
}

function parse(bytes: ArrayBuffer): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw new Refusal("malformed-json", "The body is not JSON in UTF-8.");
  }
}

function check(body: unknown): Work {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new Refusal("invalid-body", "Invalid.", [{ pointer: "#", detail: "Not an object" }]);
  }
  const { items, operation, ...rest }: Record<string, unknown> = { ...body };
  const faults: Fault[] = Object.keys(rest).map((key) => ({
    pointer: `#/${encodeURIComponent(key)}`,
    detail: "Unknown field",
  }));
  const areItems = Array.isArray(items) && items.length > 0 && items.length <= MAX_ITEMS;
  if (!areItems) faults.push({ pointer: "#/items", detail: `Not 1 to ${MAX_ITEMS} items` });
  if (!areOperations(operation))
    faults.push({ pointer: "#/operation", detail: "Unknown operation" });
  if (areItems && areOperations(operation) && faults.length === 0) return { items, operation };
  throw new Refusal("invalid-body", "Invalid.", faults.slice(0, MAX_FAULTS));
}

function areOperations(named: unknown): named is Work["operation"] {
  return Array.isArray(named) ? named.every(isOperation) : isOperation(named);
}

function isOperation(name: unknown): name is Operation {
  return typeof name === "string" && Object.hasOwn(OPERATIONS, name);
}

function run({ items, operation }: Work): string {
  const startedAt = performance.now();
  const steps = [operation].flat().map((name) => OPERATIONS[name]);
  const errors: Failure[] = [];
  const processed_items = items.map((item, index) => {
    if (typeof item === "string") {
      let text = item;
      for (const apply of steps) text = apply(text);
      return text;
    }
    errors.push({ index, code: "wrong-type", detail: "Not a text" });
    return null;
  });
  return JSON.stringify({
    operation,
    original_count: items.length,
    processed_items,
    errors,
    duration_ms: Math.round((performance.now() - startedAt) * 10) / 10,
  });
}

function refuse(call: Call, thrown: unknown): Response {
  const { code, message, errors } =
    thrown instanceof Refusal ? thrown : new Refusal("internal", "The server failed.");
  const [status, title] = TITLES[code] ?? [500, "The server failed"];
  const document = {
    type: `${call.origin}/problems/${code}`,
    title,
    status,
    detail: message,
    code,
    request_id: call.requestId,
    errors,
  };
  log(call, status, code);
  const headers = { "Content-Type": "application/problem+json" };
  return respond(call, status, headers, JSON.stringify(document));
}

function respond(
  { requestId, allowedOrigin }: Call,
  status: number,
  headers: Readonly<Record<string, string>>,
  content: string,
): Response {
  const usual = allowedOrigin === null ? USUAL_HEADERS : CORS_HEADERS;
  const response = new Response(content, { status, headers: usual });
  response.headers.set("Request-Id", requestId);
  if (allowedOrigin !== null) response.headers.set("Access-Control-Allow-Origin", allowedOrigin);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

function log({ request, requestId, path, startedAt }: Call, status: number, code: string | null) {
  const line: Record<string, string | number> = {
    level: status >= 500 ? "error" : "info",
    request_id: requestId,
    method: request.method,
    route: path,
    status,
    caller: "anonymous",
    duration_ms: Math.round((performance.now() - startedAt) * 10) / 10,
  };
  const ray = request.headers.get("CF-Ray");
  if (ray !== null) line["ray"] = ray;
  if (code !== null) line["code"] = code;
  console.log(JSON.stringify(line));
}
