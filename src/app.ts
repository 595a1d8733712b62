// The way of a request: CORS, rate limit, access, route; and whatever is thrown on it becomes a
// problem. Requests are answered, timed and logged here and nowhere else.
import { IttyRouter } from "itty-router/IttyRouter";
import { readConfig } from "./env";
import { identify } from "./http/auth";
import type { Call } from "./http/call";
import { isPreflight, preflightHeaders, refuseForeignOrigin } from "./http/cors";
import { isNotModified } from "./http/etag";
import { limitRate } from "./http/limits";
import { logRequest } from "./http/log";
import { HttpError, problemReply, toProblem } from "./http/problem";
import { endpointOf, respond, serve } from "./http/route";
import { routes } from "./routes";
import { openAsset } from "./runtime/assets";

const router = IttyRouter();
/** By method and path, where an address without parameters is a key: matching it would mean parsing it. */
const fixed = new Map<string, ReturnType<typeof serve>>();
for (const route of routes) {
  const handle = serve(route);
  router[route.method](route.path, handle);
  if (!route.path.includes(":")) fixed.set(`${route.method} ${route.path}`, handle);
}
router.get<Call, []>("/assets/*", (call) => sendFile(call));
router.all<Call, []>("*", refuseUnknown);
/** Whose replies tell how long they took, also where the route was never reached. */
const timed = new Set(
  routes.flatMap((route) =>
    endpointOf(route) === undefined ? [] : [`${route.method} ${route.path}`],
  ),
);

/** Answers one request. Never throws. */
export async function answer(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const call = openCall(request, env, ctx);
  try {
    const response: Response = (await admit(call)) ?? (await dispatch(call));
    logRequest(call, response.status, null, null);
    return response;
  } catch (thrown) {
    const problem = toProblem(thrown);
    call.isTimed ||= timed.has(`${call.method} ${new URL(call.url).pathname}`);
    const { status, headers, content } = problemReply(call, problem);
    logRequest(call, status, problem, thrown);
    return respond(call, status, headers, content);
  }
}

function openCall(request: Request, env: Env, ctx: ExecutionContext): Call {
  const { config } = readConfig(env);
  const { url, method } = request;
  const origin = url.slice(0, url.indexOf("/", "https://".length));
  const from = request.headers.get("Origin");
  return {
    request,
    env,
    ctx,
    config,
    caller: { kind: "anonymous" },
    requestId: crypto.randomUUID(),
    origin,
    allowedOrigin: from !== null && (from === origin || config.allowsOrigin(from)) ? from : null,
    startedAt: performance.now(),
    method: method === "HEAD" ? "GET" : method,
    url,
    query: {},
    params: {},
    route: "*",
    isTimed: false,
  };
}

/** What comes before every route, in its order. Not stages of the router, each of which costs a match. */
function admit(call: Call): Response | Promise<undefined> | undefined {
  if (isPreflight(call)) return respond(call, 204, preflightHeaders(call), null);
  const { error } = readConfig(call.env);
  if (error !== null) throw error;
  const caller = identify(call.request.headers.get("Authorization"), call.config.tokens);
  if (caller === null) return refuseGuess(call);
  call.caller = caller;
  return call.config.isRateLimited ? limitRate(call) : undefined;
}

function dispatch(call: Call): Promise<Response> {
  const path = call.url.slice(call.origin.length);
  const handle = fixed.get(`${call.method} ${path}`);
  // A query, a slash at the end, an id: whatever is more than a path is the router's.
  if (handle === undefined) return router.fetch(call);
  call.route = path;
  return handle(call);
}

/** A wrong token is a mistake worth telling, also where none is needed; guessing counts against the address. */
async function refuseGuess(call: Call): Promise<undefined> {
  if (call.config.isRateLimited) await limitRate(call);
  throw new HttpError("unauthorized", "The token is not valid.");
}

/** What the pages load: files, of which the documentation has nothing to say. */
async function sendFile(call: Call): Promise<Response> {
  const { pathname } = new URL(call.url);
  const file = await openAsset(call.env, pathname, (tag) =>
    isNotModified(call.request.headers, tag),
  );
  if (file === null) throw new HttpError("not-found", "There is no such file.");
  const { status, headers, mediaType, stream } = file;
  const typed = mediaType === "" ? headers : { ...headers, "Content-Type": mediaType };
  return respond(call, status, typed, stream);
}

/** No route took the call: the path is unknown, or known but not with this method. */
function refuseUnknown(call: Call): Response {
  refuseForeignOrigin(call);
  const { pathname } = new URL(call.url);
  const methods = router.routes
    .filter(([method, path]) => method !== "ALL" && path.test(pathname))
    .flatMap(([method]) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  if (methods.length === 0) throw new HttpError("not-found", "There is nothing under this path.");
  const allow = { Allow: [...new Set(methods), "OPTIONS"].join(", ") };
  if (call.method === "OPTIONS") return respond(call, 204, allow, null);
  throw new HttpError("method-not-allowed", `This path takes ${allow.Allow}.`, allow);
}
