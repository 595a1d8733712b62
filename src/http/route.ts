// Defines routes and serves them. Only this file reads input and writes replies of routes.
import * as v from "valibot";
import { DomainError, type Fault } from "../domain/errors";
import type { CreationIds, KeptReply, KeptUnderKey, TableName } from "../domain/idempotency";
import { MAX_BODY_BYTES } from "../domain/platform";
import { canonicalJson } from "../lib/canonical-json";
import { sha256Hex } from "../lib/sha256";
import { admitCaller, type Admit } from "./admission";
import { authorize, type Access } from "./auth";
import { readBody, type BodyRules } from "./body";
import type { Call } from "./call";
import { refuseForeignOrigin } from "./cors";
import type { ReplyHeaderName, RequestHeaderName } from "./header-names";
import { createIds, parseIdempotencyKey, runOnce } from "./idempotency";
import { refuseLoop } from "./loop";
import { HttpError, problemReply, toProblem, type ProblemCode } from "./problem";
import { firstParameter, readQuery, refused } from "./query";
import { RawBody } from "./raw-body";
import type { ByteStream, Reply, Text, TextStream } from "./reply";
import { respond, write, type Written } from "./respond";
import { requireChallenge } from "./turnstile";

type Schema = v.GenericSchema;
type Output<S> = S extends Schema ? v.InferOutput<S> : undefined;

/** Input of a handler: everything from the request, validated. */
export interface Input<Body, Query, Params, KeysIn> {
  readonly body: Output<Body>;
  /** A body of one of the `rawBodyTypes`; `body` is then undefined. */
  readonly raw: RawBody | undefined;
  readonly query: Output<Query>;
  readonly params: Output<Params>;
  /** Present for routes with `keysIn` only. */
  readonly once: KeysIn extends TableName ? Once : undefined;
  /** For a handler that lets its caller in itself: to be called once all is known to be right, before any of it is done. */
  readonly admit: Admit;
}

/** Functions that make a creation happen once, however often its request is repeated. */
export interface Once {
  /** Ids for the records to be created, the same at every repeat. */
  readonly ids: CreationIds;
  /**
   * Makes the reply that the table stores in one transaction with the record; returns null without an
   * Idempotency-Key.
   */
  readonly keep: (reply: Reply<unknown>) => KeptUnderKey | null;
}

/**
 * The value that a handler returns: plain data, or a reply; undefined if the status forbids a body (204,
 * 304).
 */
type Result<R> = Output<R> | Reply<Output<R> | TextStream | ByteStream | Text | undefined>;

/** A reply with a status other than the usual one. */
export interface OtherReply {
  readonly status: number;
  readonly headers?: readonly ReplyHeaderName[];
  /** True if it has a body, which is that of the usual reply. */
  readonly hasBody?: boolean;
}

/** Metadata, schemas and handler of a route, from which the router, OpenAPI and the client are derived. */
export interface RouteDefinition<
  Body extends Schema | undefined,
  Query extends Schema | undefined,
  Params extends Schema | undefined,
  ReplyBody extends Schema,
  KeysIn extends TableName | undefined,
> {
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** A path template in itty-router's form: `/users/:id`. */
  readonly path: string;
  readonly access: Access;
  /**
   * Whether it is a page or a file and no part of the API: its requests do not count against the rate limit,
   * and query parameters that are not known are ignored, since trackers add them.
   */
  readonly isFile?: boolean;
  /** Whether pages of any origin may load it: it is a file, and says nothing of what is kept. */
  readonly isForAnyOrigin?: boolean;
  readonly body?: Body;
  /** Bytes of the body, at most; MAX_BODY_BYTES by default. */
  readonly maxBodyBytes?: number;
  /** Media types of the body; `application/json` by default. */
  readonly bodyTypes?: readonly string[];
  /** Media types that the handler reads itself, as a `RawBody` in place of `body`. */
  readonly rawBodyTypes?: readonly string[];
  /** Loads what the schema needs for this body; returns undefined if nothing must be awaited. */
  prepareBody?(this: void, body: unknown): Promise<void> | undefined;
  /**
   * Faults that no schema finds, such as a name that this deployment does not know, in a body that does not
   * fit the schema anyway: the caller gets all of them at once. A body that fits is checked by the handler.
   */
  moreFaults?(this: void, body: unknown, call: Call): readonly Fault[] | Promise<readonly Fault[]>;
  /** Whether it makes requests to other servers on behalf of its caller: those may not lead back here. */
  readonly callsOut?: true;
  /**
   * Whether the handler lets its caller in itself, by `admit`, as it uses something of a day's budgets.
   * Otherwise callers are let in before it.
   */
  readonly admitsItself?: true;
  /** The table that keeps the replies to Idempotency-Keys, where it creates something: then it has `once`. */
  readonly keysIn?: KeysIn;
  readonly query?: Query;
  /** Whether the query is for bodies of `rawBodyTypes`: a JSON body says all of it itself. */
  readonly isQueryForRaw?: boolean;
  readonly params?: Params;
  readonly reply: {
    readonly status: number;
    readonly schema: ReplyBody;
    /** Media types besides JSON that the caller can ask for; the only ones if `schema` is a text. */
    readonly mediaTypes?: readonly string[];
    /** Header fields of the reply, besides those of every reply. */
    readonly headers?: readonly ReplyHeaderName[];
  };
  readonly otherReplies?: readonly OtherReply[];
  /** Refusals besides those that every route can answer with. */
  readonly problems: readonly ProblemCode[];
  /** Schema of the extension members of these problems (RFC 9457 §3.2). */
  readonly problemMembers?: Schema;
  /** Header fields that the handler reads, besides those that the rest of the definition implies. */
  readonly requestHeaders?: readonly RequestHeaderName[];
  handler(
    this: void,
    input: Input<Body, Query, Params, KeysIn>,
    call: Call,
  ): Promise<Result<ReplyBody>> | Result<ReplyBody>;
}

/** A route of any schemas, as in the list of routes. */
export type Route = Omit<
  RouteDefinition<
    Schema | undefined,
    Schema | undefined,
    Schema | undefined,
    Schema,
    TableName | undefined
  >,
  "handler"
> & {
  // Declared as a method, whose parameters are bivariant, so that routes of all types fit into one list.
  handler(this: void, input: Input<never, never, never, never>, call: Call): unknown;
};

/**
 * Defines a route. Checks its parts against each other, and keeps their types, which the client's are derived
 * from.
 */
export function defineRoute<
  const Method extends Route["method"],
  const Path extends string,
  ReplyBody extends Schema,
  Body extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  Params extends Schema | undefined = undefined,
  KeysIn extends TableName | undefined = undefined,
>(
  route: RouteDefinition<Body, Query, Params, ReplyBody, KeysIn> & {
    readonly method: Method;
    readonly path: Path;
  },
): typeof route {
  return route;
}

/** The name of the endpoint that a POST route has, by which PUBLIC_ENDPOINTS can open it. */
export function endpointOf({
  method,
  access,
}: Pick<Route, "method" | "access">): string | undefined {
  const isNamed = access !== "open" && access !== "token";
  return method === "POST" && isNamed ? access : undefined;
}

/** Creates the function that serves a route: access, input, handler, reply. */
export function serve(route: Route): (call: Call) => Promise<Response> {
  const endpoint = endpointOf(route);
  const queryRules = { schema: route.query, isLenient: route.isFile === true };
  return async (call) => {
    if (route.isForAnyOrigin !== true) refuseForeignOrigin(call);
    authorize(call, route.access);
    if (route.callsOut === true) refuseLoop(call);
    if (endpoint !== undefined) requireChallenge(call);
    const query = readQuery(call.request.url, queryRules);
    const body = route.body && (await readBody(call.request, bodyRules(route.body, route, call)));
    const raw = body instanceof RawBody ? body : undefined;
    if (route.isQueryForRaw === true && raw === undefined) refuseParameters(call.request.url);
    const input = {
      body: raw === undefined ? body : undefined,
      raw,
      query,
      params: route.params && readParams(call, route.params),
    };
    const { status, headers, content } = await (
      route.keysIn === undefined ? runRoute : runIdempotent
    )(route, call, input);
    return respond(call, status, headers, content);
  };
}

/** Input of any route, without the types of its schemas. */
type ReadInput = Record<"body" | "query" | "params", unknown> & {
  readonly raw: RawBody | undefined;
  readonly once?: Once;
};

/** Runs a creation, once under its Idempotency-Key if there is one. */
async function runIdempotent(route: Route, call: Call, input: ReadInput): Promise<Written> {
  const key = parseIdempotencyKey(call.request.headers);
  if (key === null)
    return runRoute(route, call, { ...input, once: { ids: createIds(), keep: () => null } });
  const reply = runOnce(call, {
    table: route.keysIn ?? "batches",
    key,
    fingerprint: await fingerprintOf(input),
    run: async (ids, keepWith) => {
      const keep = (result: Reply<unknown>) => keepWith(asKept(write(route.reply.status, result)));
      return asKept(await runRoute(route, call, { ...input, once: { ids, keep } }));
    },
    refusal: (thrown) => (isKept(thrown) ? problemReply(call, toProblem(thrown)) : null),
  });
  // The reply is completed and stored even if the caller disconnects, for when it repeats the request.
  call.ctx.waitUntil(reply.catch(() => undefined));
  return reply;
}

/**
 * True for refusals that depend on the meaning of a request: they are stored under its key as a reply. A
 * refusal of a request's form is not, so that it can be corrected.
 */
function isKept(thrown: unknown): boolean {
  return thrown instanceof DomainError && !NOT_KEPT.has(thrown.code);
}

const NOT_KEPT: ReadonlySet<string> = new Set([
  "unauthorized",
  "invalid-body",
  "quota-exceeded",
  "unavailable",
]);

async function runRoute(route: Route, call: Call, input: ReadInput): Promise<Written> {
  const isChallenged = endpointOf(route) !== undefined;
  let isAdmitted = false;
  const admit: Admit = (uses) => {
    isAdmitted = true;
    return admitCaller(call, isChallenged, uses);
  };
  if (route.admitsItself === undefined && isChallenged) await admit({});
  // The definition tied the handler to its schemas; the list of routes has forgotten that.
  const handed = { ...input, admit } as Input<never, never, never, never>;
  const result = await route.handler(handed, call);
  if (route.admitsItself === true && !isAdmitted)
    throw new TypeError(`${route.operationId} let nobody in, and all`);
  return write(route.reply.status, result);
}

/** Equal for input that means the same, and of bounded length. What is no JSON document is told by its bytes. */
async function fingerprintOf({ raw, ...rest }: ReadInput): Promise<string> {
  const content = raw === undefined ? null : [raw.mediaType, await sha256Hex(raw.bytes)];
  return sha256Hex(canonicalJson([rest, content]));
}

/** Converts a reply for storing. Routes with Idempotency-Keys do not stream. */
function asKept({ content, ...rest }: Written): KeptReply {
  if (content instanceof ReadableStream) throw new TypeError("A streamed reply cannot be kept");
  return { ...rest, content };
}

function bodyRules(schema: Schema, route: Route, call: Call): BodyRules {
  const {
    maxBodyBytes = MAX_BODY_BYTES,
    bodyTypes = ["application/json"],
    rawBodyTypes = [],
    prepareBody,
    moreFaults,
  } = route;
  return {
    schema,
    maxBytes: maxBodyBytes,
    jsonTypes: bodyTypes,
    rawTypes: rawBodyTypes,
    prepare: prepareBody,
    moreFaults: moreFaults && ((value) => moreFaults(value, call)),
  };
}

/** A parameter that was ignored would be a brake that does not hold. */
function refuseParameters(url: string): void {
  const name = firstParameter(url);
  if (name !== undefined)
    throw refused(name, "for lines and CSV alone; with JSON it goes into the body");
}

function readParams(call: Call, schema: Schema): unknown {
  const result = v.safeParse(schema, call.params);
  if (result.success) return result.output;
  throw new HttpError("not-found", "There is nothing under this id.");
}
