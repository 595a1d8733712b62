// Writes responses from the values that handlers return.
import type { RequestContext } from "./request-context";
import { EXPOSED_HEADERS } from "./cors";
import { RATE_LIMIT_POLICY } from "./limits";
import { Bytes, Reply, Text, TextStream } from "./reply";
import { toByteStream } from "./byte-stream";

/** A reply before the headers that every response carries. */
export interface Written {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string | Bytes["bytes"] | null;
}

/**
 * Converts the value that a handler returned into a status, headers and content.
 *
 * @param usualStatus the status, unless the value sets another
 */
export function write(usualStatus: number, result: unknown): Written {
  const { body, status, headers } =
    result instanceof Reply ? result : { body: result, status: undefined, headers: {} };
  const { mediaType, content } = toContent(body);
  return {
    status: status ?? usualStatus,
    headers: mediaType === null ? headers : { "Content-Type": mediaType, ...headers },
    content,
  };
}

function toContent(body: unknown): Pick<Written, "content"> & { mediaType: string | null } {
  if (body === undefined) return { mediaType: null, content: null };
  if (body instanceof Bytes) return { mediaType: body.mediaType, content: body.bytes };
  if (body instanceof TextStream) return { mediaType: body.mediaType, content: toByteStream(body) };
  if (body instanceof Text) return { mediaType: body.mediaType, content: body.text };
  return { mediaType: "application/json", content: JSON.stringify(body) };
}

/** Creates a response with the headers that every reply has. No other code creates responses. */
export function respond(
  context: RequestContext,
  status: number,
  headers: Readonly<Record<string, string>>,
  content: BodyInit | null,
): Response {
  // HEAD is a GET to the routes.
  const isHead = context.method === "GET" && context.request.method === "HEAD";
  if (isHead && content instanceof ReadableStream) void content.cancel();
  const body = isHead ? null : content;
  const response = new Response(body, { status, headers: usualHeaders(context) });
  const { headers: sent } = response;
  sent.set("Request-Id", context.requestId);
  if (context.config.isRateLimited && !context.isFile)
    sent.set("RateLimit-Policy", RATE_LIMIT_POLICY);
  if (context.isTimed) {
    const ms = (performance.now() - context.startedAt).toFixed(1);
    sent.set("Server-Timing", `total;dur=${ms}`);
  }
  for (const name in headers) sent.set(name, headers[name] ?? "");
  return response;
}

/** The headers of the last reply to a page: copying prepared ones takes half the time of creating them. */
let lastCors: { readonly origin: string; readonly headers: Headers } | undefined;

function usualHeaders({ allowedOrigin: origin }: RequestContext): Headers {
  if (origin === null) return USUAL_HEADERS;
  if (lastCors?.origin !== origin) {
    const allow: [string, string] = ["Access-Control-Allow-Origin", origin];
    lastCors = { origin, headers: new Headers([...USUAL_HEADERS, EXPOSED_HEADERS, allow]) };
  }
  return lastCors.headers;
}

const USUAL_HEADERS = new Headers({
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  Vary: "Origin",
});
