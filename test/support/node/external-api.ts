// A caller of POST /external-api in tests. The replies' shapes are written down here once more, from
// the contract and not from the source, so that a change of either shows.
import * as v from "valibot";

const Fulfilled = v.strictObject({
  id: v.string(),
  status: v.literal("fulfilled"),
  url: v.string(),
  http_status: v.number(),
  ok: v.boolean(),
  headers: v.record(v.string(), v.string()),
  body_type: v.picklist(["json", "text", "base64"]),
  body: v.unknown(),
  bytes: v.number(),
  attempts: v.number(),
  redirects: v.number(),
  started_ms: v.number(),
  duration_ms: v.number(),
  cache: v.optional(v.picklist(["hit", "miss", "stale"])),
  fallback_used: v.optional(v.literal(true)),
});

const Rejected = v.strictObject({
  id: v.string(),
  status: v.literal("rejected"),
  url: v.string(),
  error: v.strictObject({
    code: v.picklist([
      "timeout",
      "network",
      "host-not-allowed",
      "too-many-redirects",
      "response-too-large",
      "unsupported-encoding",
      "invalid-select",
      "dependency-failed",
      "subrequest-limit",
      "quota-exceeded",
      "cancelled",
    ]),
    detail: v.string(),
  }),
  // Where a response had arrived.
  http_status: v.optional(v.number()),
  headers: v.optional(v.record(v.string(), v.string())),
  attempts: v.number(),
  started_ms: v.number(),
  duration_ms: v.number(),
  // Only together, when the call named a fallback.
  body_type: v.optional(v.literal("json")),
  body: v.optional(v.unknown()),
  fallback_used: v.optional(v.literal(true)),
});

/** The receipt of one call. */
export const Result = v.variant("status", [Fulfilled, Rejected]);
export type Result = v.InferOutput<typeof Result>;

/** The last line of a stream. */
export const Summary = v.strictObject({
  total: v.number(),
  fulfilled: v.number(),
  ok: v.number(),
  rejected: v.number(),
  policy_met: v.boolean(),
  duration_ms: v.number(),
});
export type Summary = v.InferOutput<typeof Summary>;

const Reply = v.strictObject({
  policy: v.picklist(["settled", "all", "any"]),
  ...Summary.entries,
  results: v.array(Result),
});
export type Reply = v.InferOutput<typeof Reply>;

const Problem = v.strictObject({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.string(),
  code: v.string(),
  request_id: v.string(),
  errors: v.optional(v.array(v.strictObject({ pointer: v.string(), detail: v.string() }))),
  results: v.optional(v.array(Result)),
});
export type Problem = v.InferOutput<typeof Problem>;

/** Sends the body as JSON and returns the response as it is. */
export function post(
  origin: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  signal?: AbortSignal,
): Promise<Response> {
  return fetch(`${origin}/external-api`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  });
}

/** The reply to a body that is accepted. */
export async function retrieve(
  origin: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await post(origin, body, headers);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${String(response.status)} ${text}`);
  return v.parse(Reply, JSON.parse(text));
}

/** The receipt of a single call, given as a request object. */
export async function retrieveOne(
  origin: string,
  request: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Result> {
  const { results } = await retrieve(origin, { requests: [request] }, headers);
  return v.parse(v.tuple([Result]), results)[0];
}

/** The problem document of a body that is refused. */
export async function refusal(
  origin: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Problem> {
  const response = await post(origin, body, headers);
  const text = await response.text();
  if (response.headers.get("content-type") !== "application/problem+json") {
    throw new Error(`${String(response.status)} ${text}`);
  }
  return v.parse(Problem, JSON.parse(text));
}

/** The lines of a streamed reply, each as soon as it arrives. */
export async function* readLines(response: Response): AsyncGenerator<unknown, void> {
  let rest = "";
  for await (const chunk of (response.body ?? new Blob().stream()).pipeThrough(
    new TextDecoderStream(),
  )) {
    const complete = (rest + chunk).split("\n");
    rest = complete.pop() ?? "";
    for (const line of complete) yield JSON.parse(line);
  }
  if (rest !== "") throw new Error(`The last line has no end: ${rest}`);
}
