// Schemas of POST /external-api: the calls that a request lists, and the receipt of each call.
import * as v from "valibot";
import { boundedArray } from "../../lib/bounded-array";
import { boundedRecord } from "../../lib/bounded-record";
import { maxCharacters } from "../../lib/max-characters";
import { strictObject } from "../../lib/strict-object";
import { MAX_QUERY_CHARS } from "../json-query/budget";
import { HeaderName, HeaderValue, METHODS } from "./upstreams";

/** Calls that one request may list. */
export const MAX_CALLS = 20;
const MAX_URL_CHARACTERS = 8192;
const MAX_TIMEOUT_MS = 60_000;
const MAX_RETRIES = 5;
/** Retries of calls with an idempotent method, if the request does not set `retries`. */
export const DEFAULT_RETRIES = 2;
const MAX_BODY_CHARACTERS = 1024 * 1024;

/** Headers that a request may not set: hop-by-hop fields (RFC 9110 §7.6.1), message framing, and routing. */
const RESERVED_HEADERS =
  /^(?:connection|content-length|expect|forwarded|host|http2-settings|keep-alive|proxy-.*|te|trailer|transfer-encoding|true-client-ip|upgrade|via|cf-.*|cdn-loop|x-forwarded-.*|x-real-ip)$/i;

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

type CallFields = v.InferOutput<typeof CallFields>;

const CallFields = strictObject({
  id: v.optional(v.pipe(v.string(), v.minLength(1), maxCharacters(100))),
  url: v.optional(Url),
  upstream: v.optional(
    v.pipe(v.string(), maxCharacters(64), v.description("A name in UPSTREAMS.")),
  ),
  path: v.optional(v.pipe(v.string(), maxCharacters(MAX_URL_CHARACTERS), v.startsWith("/"))),
  query: v.optional(
    boundedRecord(
      v.pipe(v.string(), maxCharacters(200)),
      v.pipe(v.string(), maxCharacters(2000)),
      100,
    ),
  ),
  method: v.optional(v.picklist(METHODS), "GET"),
  headers: v.optional(CallHeaders, {}),
  json: v.optional(v.pipe(v.unknown(), v.description("Sent as the JSON body. null sends none."))),
  body: v.nullish(v.pipe(v.string(), maxCharacters(MAX_BODY_CHARACTERS))),
  timeout_ms: v.optional(
    v.pipe(
      v.number(),
      v.integer(),
      v.minValue(1),
      v.maxValue(MAX_TIMEOUT_MS),
      v.description("One attempt."),
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
  select: v.optional(
    v.pipe(
      v.string(),
      maxCharacters(MAX_QUERY_CHARS),
      v.description("JMESPath, applied to the JSON body of an ok response."),
    ),
  ),
  fallback: v.optional(v.pipe(v.unknown(), v.description("The body when the call is not ok."))),
});

function hasText({ body }: Pick<CallFields, "body">): boolean {
  return body !== undefined && body !== null;
}

/** True if the call has a JSON body; null counts as none. */
export function hasJson({ json }: Pick<CallFields, "json">): boolean {
  return json !== undefined && json !== null;
}

const NO_BODY = "GET and HEAD have no body";

function isBodyless(method: string): boolean {
  return method === "GET" || method === "HEAD";
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
  v.forward(
    v.partialCheck(
      [["json"], ["body"]],
      (call) => !hasJson(call) || !hasText(call),
      "Give either json or body",
    ),
    ["body"],
  ),
  v.forward(
    v.partialCheck(
      [["json"], ["method"]],
      (call) => !hasJson(call) || !isBodyless(call.method),
      NO_BODY,
    ),
    ["json"],
  ),
  v.forward(
    v.partialCheck(
      [["body"], ["method"]],
      (call) => !hasText(call) || !isBodyless(call.method),
      NO_BODY,
    ),
    ["body"],
  ),
);
export type CallRequest = v.InferOutput<typeof CallRequest>;

const Policy = v.picklist(["settled", "all", "any"]);

/**
 * Ids that occur for the second time, each with the index of its request. Reads the body unvalidated, so that
 * duplicates are reported beside other faults.
 */
function repeatedIds(body: unknown): [index: number, id: string][] {
  const requests: unknown = Object(body).requests;
  if (!Array.isArray(requests)) return [];
  const seen = new Set<string>();
  return requests.slice(0, MAX_CALLS).flatMap((request: unknown, index) => {
    const id: unknown = Object(request).id ?? String(index);
    if (typeof id !== "string") return [];
    const isRepeated = seen.has(id);
    seen.add(id);
    return isRepeated ? [[index, id] as [number, string]] : [];
  });
}

/** One step of the path of a valibot issue, of which only the key is read. */
function toPathItem(key: string | number): v.IssuePathItem {
  return { type: "unknown", origin: "value", input: undefined, key, value: undefined };
}

/** The body of POST /external-api. `urls` is a short form for requests that have nothing but a URL. */
export const ExternalApiRequest = v.pipe(
  strictObject({
    urls: v.optional(boundedArray(Url, MAX_CALLS)),
    requests: v.optional(boundedArray(CallRequest, MAX_CALLS)),
    policy: v.optional(
      v.pipe(
        Policy,
        v.description(
          "settled: always 200. all: 502 unless every call is ok. any: the first ok result wins, the others are cancelled.",
        ),
      ),
      "settled",
    ),
    timeout_ms: v.optional(
      v.pipe(
        v.number(),
        v.integer(),
        v.minValue(1),
        v.maxValue(MAX_TIMEOUT_MS),
        v.description("All calls together."),
      ),
    ),
  }),
  v.partialCheck(
    [["urls"], ["requests"]],
    ({ urls, requests }) => (urls === undefined) !== (requests === undefined),
    "Give either urls or requests",
  ),
  v.metadata({ alsoInSchema: { oneOf: [{ required: ["urls"] }, { required: ["requests"] }] } }),
  v.rawCheck(({ dataset, addIssue }) => {
    for (const [index, id] of repeatedIds(dataset.value)) {
      const path: [v.IssuePathItem, ...v.IssuePathItem[]] = [
        toPathItem("requests"),
        toPathItem(index),
        toPathItem("id"),
      ];
      addIssue({ message: `The id "${id}" stands twice`, path });
    }
  }),
);
export type ExternalApiRequest = v.InferOutput<typeof ExternalApiRequest>;

/** A duration in milliseconds, rounded to a tenth. */
const Milliseconds = v.pipe(v.number(), v.minValue(0));

/** Receipt of a call that got a response, whatever its status. */
const Fulfilled = strictObject({
  id: v.string(),
  status: v.literal("fulfilled"),
  url: v.pipe(v.string(), v.description("Where the response came from, after redirects.")),
  http_status: v.number(),
  ok: v.pipe(v.boolean(), v.description("Whether the status is 2xx.")),
  headers: v.record(v.string(), v.string()),
  body_type: v.picklist(["json", "text", "base64"]),
  body: v.unknown(),
  fallback_used: v.optional(v.literal(true)),
  bytes: v.number(),
  attempts: v.number(),
  redirects: v.number(),
  started_ms: Milliseconds,
  duration_ms: Milliseconds,
  cache: v.optional(v.picklist(["hit", "miss", "stale"])),
});

/** Reason why a call got no usable response. */
export const CallErrorCode = v.picklist([
  "timeout",
  "network",
  "host-not-allowed",
  "too-many-redirects",
  "response-too-large",
  "invalid-select",
  "cancelled",
]);
export type CallErrorCode = v.InferOutput<typeof CallErrorCode>;

/** Receipt of a call that got no usable response. */
const Rejected = strictObject({
  id: v.string(),
  status: v.literal("rejected"),
  url: v.string(),
  error: strictObject({
    code: CallErrorCode,
    detail: v.string(),
  }),
  body: v.optional(v.unknown()),
  fallback_used: v.optional(v.literal(true)),
  attempts: v.number(),
  started_ms: Milliseconds,
  duration_ms: Milliseconds,
});

/** The receipt of one call. */
export const CallResult = v.variant("status", [Fulfilled, Rejected]);
export type CallResult = v.InferOutput<typeof CallResult>;

/** Counts of a request's calls: the last line of a streamed reply. */
export const Summary = strictObject({
  total: v.number(),
  fulfilled: v.number(),
  rejected: v.number(),
  duration_ms: Milliseconds,
});
export type Summary = v.InferOutput<typeof Summary>;

/** The reply of POST /external-api. Results are in the order of the requests. */
export const ExternalApiReply = strictObject({
  policy: Policy,
  ...Summary.entries,
  results: v.array(CallResult),
});
export type ExternalApiReply = v.InferOutput<typeof ExternalApiReply>;
