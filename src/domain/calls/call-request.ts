// The schema of one call of POST /external-api, as a caller writes it.
import * as v from "valibot";
import { boundedArray } from "../../lib/bounded-array";
import { boundedRecord } from "../../lib/bounded-record";
import { maxCharacters } from "../../lib/max-characters";
import { strictObject } from "../../lib/strict-object";
import { MAX_QUERY_CHARS } from "../json-query/budget";
import { HeaderName, HeaderValue, METHODS } from "./upstream-settings";

/** Calls that one request may list. */
export const MAX_CALLS = 20;
/** Characters of a URL, or of a path. */
export const MAX_URL_CHARACTERS = 8192;
/** Milliseconds of the longest time limit. */
export const MAX_TIMEOUT_MS = 60_000;
const MAX_RETRIES = 5;
/** Retries of calls with an idempotent method, if the request does not set `retries`. */
export const DEFAULT_RETRIES = 2;
const MAX_BODY_CHARACTERS = 1024 * 1024;
const MAX_BASE64_CHARACTERS = Math.ceil(MAX_BODY_CHARACTERS / 3) * 4;
const MAX_PARAMETERS = 100;

/**
 * Headers that a request may not set: hop-by-hop fields (RFC 9110 §7.6.1), message framing, routing, and the
 * codings of the response, which hide secrets from a search.
 */
const RESERVED_HEADERS =
  /^(?:accept-encoding|connection|content-length|expect|forwarded|host|http2-settings|keep-alive|proxy-.*|te|trailer|transfer-encoding|true-client-ip|upgrade|via|cf-.*|cdn-loop|x-forwarded-.*|x-real-ip)$/i;

/** An http(s) URL without credentials. */
export const Url = v.pipe(
  v.string(),
  maxCharacters(MAX_URL_CHARACTERS),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const url = URL.parse(dataset.value);
    if (url === null) addIssue({ message: "Not a URL" });
    else if (!/^https?:$/.test(url.protocol)) addIssue({ message: "Only http: and https: URLs" });
    else if (url.username || url.password) addIssue({ message: "A URL may not hold credentials" });
  }),
);

/** An id, by which calls refer to each other. */
const CallId = v.pipe(v.string(), v.minLength(1), maxCharacters(100));

const CallHeaders = v.pipe(
  boundedRecord(
    v.pipe(
      HeaderName,
      v.check((name) => !RESERVED_HEADERS.test(name), "This header cannot be set"),
    ),
    HeaderValue,
    50,
  ),
  v.check((headers) => {
    const names = Object.keys(headers).map((name) => name.toLowerCase());
    return new Set(names).size === names.length;
  }, "A header stands twice"),
);

/** A value of a query or a form. */
const Scalar = (maxChars: number) =>
  v.union([
    v.pipe(v.string(), maxCharacters(maxChars)),
    v.pipe(v.number(), v.minValue(Number.MIN_SAFE_INTEGER), v.maxValue(Number.MAX_SAFE_INTEGER)),
    v.boolean(),
  ]);

/** Names and values, where a list is a repeated name. */
function parameters(maxChars: number) {
  return boundedRecord(
    v.pipe(v.string(), maxCharacters(200)),
    v.union([Scalar(maxChars), v.pipe(v.array(Scalar(maxChars)), v.maxLength(MAX_PARAMETERS))]),
    MAX_PARAMETERS,
  );
}

const Milliseconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MAX_TIMEOUT_MS));

type CallFields = v.InferOutput<typeof CallFields>;

const CallFields = strictObject({
  id: v.optional(CallId),
  url: v.optional(Url),
  upstream: v.optional(
    v.pipe(v.string(), maxCharacters(64), v.description("A name in UPSTREAMS.")),
  ),
  path: v.optional(v.pipe(v.string(), maxCharacters(MAX_URL_CHARACTERS), v.startsWith("/"))),
  after: v.optional(
    v.pipe(
      boundedArray(CallId, MAX_CALLS - 1),
      v.description(
        "Ids of calls to wait for, which must be ok. `{{ login.body.token }}` in `path`, `query`, `headers` and strings of `json` and `form` is then JMESPath over their results by id; a string that is nothing else takes the value's type.",
      ),
    ),
  ),
  query: v.optional(
    v.pipe(parameters(2000), v.description("A list is a parameter that is repeated.")),
  ),
  method: v.optional(v.picklist(METHODS), "GET"),
  headers: v.optional(CallHeaders, {}),
  json: v.optional(v.pipe(v.unknown(), v.description("Sent as the JSON body. null sends none."))),
  body: v.nullish(v.pipe(v.string(), maxCharacters(MAX_BODY_CHARACTERS))),
  form: v.optional(
    v.pipe(
      parameters(MAX_BODY_CHARACTERS),
      v.description("Sent as application/x-www-form-urlencoded."),
    ),
  ),
  body_base64: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(MAX_BASE64_CHARACTERS),
      v.check(isBase64, "Not base64"),
      v.description("Bytes to send."),
    ),
  ),
  timeout_ms: v.optional(v.pipe(Milliseconds, v.description("One attempt."))),
  total_timeout_ms: v.optional(
    v.pipe(
      Milliseconds,
      v.description(
        "All attempts and the waits between them; by default as long as the whole request.",
      ),
    ),
  ),
  retries: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(0),
      v.maxValue(MAX_RETRIES),
      v.description(
        `Attempts after the first. ${DEFAULT_RETRIES} for GET, HEAD, PUT, DELETE and OPTIONS, else 0.`,
      ),
    ),
  ),
  read: v.optional(
    v.pipe(
      v.picklist(["auto", "json", "text", "base64"]),
      v.description("How the body is read; `auto`, the default, goes by its media type."),
    ),
  ),
  charset: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(100),
      v.description("A label of the Encoding standard, in place of the response's own."),
    ),
  ),
  select: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(MAX_QUERY_CHARS),
      v.description("JMESPath, applied to the JSON body of an ok response."),
    ),
  ),
  fallback: v.optional(v.pipe(v.unknown(), v.description("The body when the call is not ok."))),
});

function isBase64(text: string): boolean {
  try {
    Uint8Array.fromBase64(text);
    return true;
  } catch {
    return false;
  }
}

/** Fields that each give the body; the order is that in which the later of two is at fault. */
const BODIES = ["json", "body", "form", "body_base64"] as const;
type Body = (typeof BODIES)[number];

/** True if the call has this body; null counts as none. */
export function hasBody(call: Partial<Record<Body, unknown>>, name: Body): boolean {
  return call[name] !== undefined && call[name] !== null;
}

function isBodyless(method: unknown): boolean {
  return method === "GET" || method === "HEAD";
}

/** Faults of bodies that stand beside another, or do not go with the method; reads what may have other faults. */
function faultsOfBodies(unchecked: unknown): [name: Body, message: string][] {
  const call: Partial<Record<Body | "method", unknown>> = Object(unchecked);
  const faults: [Body, string][] = [];
  for (const name of BODIES) {
    if (!hasBody(call, name)) continue;
    if (BODIES.find((first) => hasBody(call, first)) !== name)
      faults.push([name, "Give only one of json, body, form and body_base64"]);
    if (isBodyless(call.method ?? "GET")) faults.push([name, "GET and HEAD have no body"]);
  }
  return faults;
}

/**
 * A call: a URL, or a path under a named upstream. The checks are partial: each runs even if fields it does
 * not read are wrong.
 */
export const CallRequest = v.pipe(
  CallFields,
  v.partialCheck(
    [["url"], ["upstream"]],
    ({ url, upstream }) => (url === undefined) !== (upstream === undefined),
    "Give either url or upstream",
  ),
  v.metadata({ alsoInSchema: { oneOf: [{ required: ["url"] }, { required: ["upstream"] }] } }),
  v.forward(
    v.partialCheck(
      [["url"], ["path"]],
      ({ url, path }) => url === undefined || path === undefined,
      "Only with upstream",
    ),
    ["path"],
  ),
  v.rawCheck(({ dataset, addIssue }) => {
    for (const [key, message] of faultsOfBodies(dataset.value)) {
      const place = {
        type: "unknown",
        origin: "value",
        input: undefined,
        value: undefined,
      } as const;
      addIssue({ message, path: [{ ...place, key }] });
    }
  }),
);
export type CallRequest = v.InferOutput<typeof CallRequest>;

/** A call of nothing but a URL, as `urls` lists them. */
export function callOfUrl(url: string): CallRequest {
  return { url, method: "GET", headers: {} };
}
