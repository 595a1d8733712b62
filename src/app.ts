// The steps of every request: CORS, rate limit, access, route. Whatever is thrown becomes a problem. Only
// this file answers, times and logs requests.
import { readConfig } from "./env";
import { identify } from "./http/auth";
import type { RequestContext, Match } from "./http/request-context";
import { isPreflight, preflightHeaders, refuseForeignOrigin } from "./http/cors";
import { isNotModified } from "./http/etag";
import { replyToForm } from "./http/form-reply";
import { limitGuesses, limitRate } from "./http/limits";
import { logRequest } from "./http/log";
import { refuseMisconfiguration } from "./http/misconfiguration";
import { HttpError, problemReply, toProblem } from "./http/problem";
import { respond } from "./http/respond";
import { createRouter, toEntry, type Router, type RouterEntry } from "./http/router";
import { endpointNames, resourceAt, type Resource } from "./routes";
import { openAsset } from "./runtime/assets";

/** Matches of loaded routes without parameters: a lookup is cheaper than a router, which parses the URL. */
const exact = new Map<string, Match>();
const routers = new Map<Resource, Router>();

/** Answers one request. Never throws. */
export function answer(
  request: Request,
  env: Env,
  ctx: ExecutionContext,
): Response | Promise<Response> {
  const { url } = request;
  const method = request.method === "HEAD" ? "GET" : request.method;
  const origin = url.slice(0, url.indexOf("/", "https://".length));
  // Anything but an exact path (a query, a trailing slash, an id) is left to the router.
  const found = exact.get(`${method} ${url.slice(origin.length)}`) ?? findMatch(method, url);
  const given = { request, env, ctx, origin, method };
  return found instanceof Promise
    ? found.then((match) => run(match, openContext(given, match)))
    : run(found, openContext(given, found));
}

async function run(match: Match, context: RequestContext): Promise<Response> {
  try {
    const early = admit(context);
    const response = (early && (await early)) ?? (await match.handle(context));
    logRequest(context, response.status, null, null);
    return response;
  } catch (thrown) {
    return refuse(context, thrown);
  }
}

async function refuse(context: RequestContext, thrown: unknown): Promise<Response> {
  const problem = toProblem(thrown);
  const { status, headers, content } = await replyToForm(context, problemReply(context, problem));
  logRequest(context, status, problem, thrown);
  return respond(context, status, headers, content);
}

async function findMatch(method: string, url: string): Promise<Match> {
  const router = await routerAt(new URL(url).pathname);
  return (await router.find(method, url)) ?? aside("*", refuseUnknown);
}

/** Returns the router of a path's resource, which its first request loads. */
async function routerAt(pathname: string): Promise<Router> {
  const load = resourceAt(pathname);
  const known = routers.get(load);
  if (known !== undefined) return known;
  const entries = (await load()).routes.map(toEntry);
  for (const { method, path, match } of entries)
    if (!path.includes(":")) exact.set(`${method} ${path}`, match);
  const router = createRouter([...entries, FILES]);
  routers.set(load, router);
  return router;
}

/** A match for requests outside the routes, which have no parameters. */
function aside(route: string, handle: Match["handle"], isFile = false): Match {
  return { handle, route, isFile, isTimed: false, takesForms: false, params: {} };
}

function openContext(
  {
    request,
    env,
    ctx,
    origin,
    method,
  }: Pick<RequestContext, "request" | "env" | "ctx" | "origin" | "method">,
  { route, isTimed, isFile, takesForms, params }: Match,
): RequestContext {
  const { config } = readConfig(env);
  const from = request.headers.get("Origin");
  return {
    request,
    env,
    ctx,
    config,
    endpoints: endpointNames,
    caller: identify(request.headers.get("Authorization"), config.tokens),
    requestId: crypto.randomUUID(),
    origin,
    allowedOrigin: from !== null && (from === origin || config.origins.has(from)) ? from : null,
    startedAt: performance.now(),
    method,
    route,
    isTimed,
    isFile,
    takesForms,
    params,
  };
}

/**
 * Runs the checks that precede every route, in order. Not middleware of the router, where each would cost a
 * match.
 */
function admit(context: RequestContext): Response | Promise<undefined> | undefined {
  if (isPreflight(context)) return respond(context, 204, preflightHeaders(context), null);
  const isRead = context.isFile && context.method === "GET";
  if (!NEEDING_NO_CONFIGURATION.has(context.route) && !isRead) refuseMisconfiguration(context);
  if (context.caller.kind === "anonymous" && context.caller.hasWrongToken)
    return refuseGuess(context);
  return context.config.isRateLimited && !context.isFile ? limitRate(context) : undefined;
}

/** Routes besides pages and files that answer whatever the variables hold: `*` is an unknown path. */
const NEEDING_NO_CONFIGURATION: ReadonlySet<string> = new Set(["/health", "*"]);

/** Refuses a wrong token even on routes that need none, since it is a mistake. */
async function refuseGuess(context: RequestContext): Promise<undefined> {
  if (context.config.isRateLimited) await limitGuesses(context);
  throw new HttpError("unauthorized", "The token is not valid.");
}

/** The files that the pages load. */
const FILES: RouterEntry = {
  method: "GET",
  path: "/assets/*",
  match: aside("/assets/*", sendFile, true),
};

/** Sends the files that the pages load. They are no routes, so that the documentation omits them. */
async function sendFile(context: RequestContext): Promise<Response> {
  const { pathname } = new URL(context.request.url);
  const file = await openAsset(context.env, pathname, (etag) =>
    isNotModified(context.request.headers, { etag }),
  );
  if (file === null) throw new HttpError("not-found", "There is no such file.");
  const { status, headers, mediaType, stream } = file;
  const typed = mediaType === "" ? headers : { ...headers, "Content-Type": mediaType };
  return respond(context, status, typed, stream);
}

/** Refuses a request that matches no route: its path is unknown, or does not allow its method. */
async function refuseUnknown(context: RequestContext): Promise<Response> {
  refuseForeignOrigin(context);
  const { pathname } = new URL(context.request.url);
  const methods = (await routerAt(pathname)).methodsOf(pathname);
  if (methods.length === 0) throw new HttpError("not-found", "There is nothing under this path.");
  const allow = { Allow: [...new Set(methods), "OPTIONS"].join(", ") };
  if (context.method === "OPTIONS") return respond(context, 204, allow, null);
  throw new HttpError("method-not-allowed", `This path takes ${allow.Allow}.`, allow);
}
