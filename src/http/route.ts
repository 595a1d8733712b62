// What a route is, and how it is served: the only place that reads input and writes replies.
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

/** What a handler is given: everything from outside, validated. */
export interface Input<Body, Query, Params, KeysIn> {
  readonly body: Output<Body>;
  /** A body of one of the `rawBodyTypes`; `body` is then undefined. */
  readonly raw: RawBody | undefined;
  readonly query: Output<Query>;
  readonly params: Output<Params>;
  /** Of a creation; other routes have none. */
  readonly once: KeysIn extends TableName ? Once : undefined;
  /** For a handler that lets its caller in itself: to be called once all is known to be right, before any of it is done. */
  readonly admit: Admit;
}

/** What makes a creation happen once, however often its request comes. */
export interface Once {
  /** For what is created, the same at every repeat. */
  readonly ids: CreationIds;
  /** What the table is to keep of a reply, in one transaction with what it tells of; null without a key. */
  readonly keep: (reply: Reply<unknown>) => KeptUnderKey | null;
}

/** Plain data, or a reply; undefined where the status forbids a body (204, 304). */
type Result<R> = Output<R> | Reply<Output<R> | TextStream | ByteStream | Text | undefined>;

/** A reply with another status than the usual one. */
export interface OtherReply {
  readonly status: number;
  readonly headers?: readonly ReplyHeaderName[];
  /** Whether its body is that of the usual reply; it has none otherwise. */
  readonly hasBody?: boolean;
}

/** Metadata, schemas and handler of one operation. The router, OpenAPI and the client are made from it. */
export interface RouteDefinition<
  Body extends Schema | undefined,
  Query extends Schema | undefined,
  Params extends Schema | undefined,
  ReplyBody extends Schema,
  KeysIn extends TableName | undefined,
> {
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** In itty-router's form: `/users/:id`. */
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
  /** Bytes; MAX_BODY_BYTES unless said otherwise. */
  readonly maxBodyBytes?: number;
  /** Media types of the body; `application/json` unless said otherwise. */
  readonly bodyTypes?: readonly string[];
  /** Media types that the handler reads itself: it is then given a `RawBody` in place of `body`. */
  readonly rawBodyTypes?: readonly string[];
  /**
   * Makes ready what the schema of this body needs and not every isolate does; undefined where nothing is
   * to be waited for.
   */
  prepareBody?(this: void, body: unknown): Promise<void> | undefined;
  /**
   * Faults of a body that does not fit the schema which no schema knows, such as a name that this
   * deployment has not: the caller is told all at once. The handler judges bodies that fit.
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
    /** Media types besides JSON that the caller can ask for, or the only one where `schema` is text. */
    readonly mediaTypes?: readonly string[];
    /** Header fields that it has besides those that every reply has. */
    readonly headers?: readonly ReplyHeaderName[];
  };
  readonly otherReplies?: readonly OtherReply[];
  /** Refusals beyond those that every route can answer. */
  readonly problems: readonly ProblemCode[];
  /** What these may tell besides, as an object's fields (RFC 9457 §3.2). */
  readonly problemMembers?: Schema;
  /** Header fields that the handler reads, besides those that the rest of the definition implies. */
  readonly requestHeaders?: readonly RequestHeaderName[];
  handler(
    this: void,
    input: Input<Body, Query, Params, KeysIn>,
    call: Call,
  ): Promise<Result<ReplyBody>> | Result<ReplyBody>;
}

/** A route as the list holds it, whatever its schemas. */
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
  // A method's parameters are bivariant, so that routes of all types fit one list.
  handler(this: void, input: Input<never, never, never, never>, call: Call): unknown;
};

/** Checks a route's parts against each other and keeps their types, for the client its method and path too. */
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

/** The name of the endpoint whose POST this route is: what PUBLIC_ENDPOINTS may hold. */
export function endpointOf({
  method,
  access,
}: Pick<Route, "method" | "access">): string | undefined {
  const isNamed = access !== "open" && access !== "token";
  return method === "POST" && isNamed ? access : undefined;
}

/** Makes a route into the function that answers its calls: access, input, handler, reply. */
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

/** Input whose types the list of routes has forgotten. */
type ReadInput = Record<"body" | "query" | "params", unknown> & {
  readonly raw: RawBody | undefined;
  readonly once?: Once;
};

/** Runs a creation, once under its key where it has one. */
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
  // A caller who has gone away finds it when it comes back.
  call.ctx.waitUntil(reply.catch(() => undefined));
  return reply;
}

/** A refusal by what the request means is a reply for good; one by how it came or is written is not. */
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

/** A reply that can be kept is text: the routes with keys do not stream. */
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
