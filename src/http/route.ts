// Defines what a route is: method, path, schemas, handler. serve.ts runs it.
import type * as v from "valibot";
import type { CreationIds, KeptUnderKey, TableName } from "../domain/idempotency";
import { type Admit } from "./admission";
import { type Access } from "./auth";
import type { FindMore } from "./body";
import type { RequestContext } from "./request-context";
import type { FormRules } from "./form";
import type { ReplyHeaderName, RequestHeaderName } from "./header-names";
import { type ProblemCode } from "./problem";
import type { RawBody } from "./raw-body";
import type { Bytes, Reply, Text, TextStream } from "./reply";

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
  /**
   * Admits the caller, for routes with `admitsItself`: to be called after all checks and before anything is
   * done.
   */
  readonly admit: Admit;
}

/** Functions that make a creation happen once, however often its request is repeated. */
export interface Once {
  /** Ids for the records to be created, the same at every repeat. */
  readonly ids: CreationIds;
  /**
   * Makes the reply that the table stores in one transaction with the record; null without an
   * Idempotency-Key.
   */
  readonly keep: ((reply: Reply<unknown>) => KeptUnderKey) | null;
  /**
   * Lets the request happen, for handlers of `RawBody`: to be called with the digest of that body once it is
   * read, and before anything is done. Null without an Idempotency-Key.
   *
   * @throws DomainError `idempotency-in-progress`, `idempotency-mismatch`, `gone`
   */
  readonly begin: ((digest: string | null) => Promise<void>) | null;
}

/**
 * The value that a handler returns: plain data, or a reply; undefined if the status forbids a body (204,
 * 304).
 */
type Result<R> = Output<R> | Reply<Output<R> | TextStream | Bytes | Text | undefined>;

/** A reply with a status other than the usual one. */
export interface OtherReply<Body extends Schema | undefined = Schema | undefined> {
  readonly status: number;
  readonly headers?: readonly ReplyHeaderName[];
  /** True if it has a body, which is that of the usual reply unless it has a schema of its own. */
  readonly hasBody?: boolean;
  readonly schema?: Body;
}

/** Metadata, schemas and handler of a route, from which the router, OpenAPI and the client are derived. */
export interface RouteDefinition<
  Body extends Schema | undefined,
  Query extends Schema | undefined,
  Params extends Schema | undefined,
  ReplyBody extends Schema,
  KeysIn extends TableName | undefined,
  OtherBody extends Schema | undefined,
> {
  readonly operationId: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** A path template in itty-router's form: `/users/:id`. */
  readonly path: string;
  readonly access: Access;
  /**
   * True for a page or a file: it does not count against the rate limit, and ignores unknown query
   * parameters.
   */
  readonly isFile?: boolean;
  /** True if pages of any origin may load it: a file, which reveals no stored data. */
  readonly isForAnyOrigin?: boolean;
  readonly body?: Body;
  /** Bytes of the body, at most; MAX_BODY_BYTES by default. */
  readonly maxBodyBytes?: number;
  /** The member of the body that is a list; in a large body it is a `JsonList` instead of an array. */
  readonly bodyList?: string;
  /** Media types of the body; `application/json` by default. */
  readonly bodyTypes?: readonly string[];
  /** Media types that the handler reads itself, as a `RawBody` in place of `body`. */
  readonly rawBodyTypes?: readonly string[];
  /** Given if the route also takes the fields of a form in place of JSON, and answers them by a page. */
  readonly form?: FormRules;
  /** Loads what the schema needs for this body; returns undefined if nothing must be awaited. */
  prepareBody?(this: void, body: unknown): Promise<void> | undefined;
  /**
   * Faults that no schema finds, such as a name that this deployment does not know, in a body that does not
   * fit the schema anyway: the caller gets all of them at once. A body that fits is checked by the handler.
   */
  moreFaults?(this: void, body: unknown, context: RequestContext): ReturnType<FindMore>;
  /** True if it calls other servers for its caller; these calls must not lead back here. */
  readonly callsOut?: true;
  /** True if the handler admits its caller itself, by `admit`, since it uses an amount of the day's budgets. */
  readonly admitsItself?: true;
  /** The table that stores replies under Idempotency-Keys, for routes that create something. */
  readonly keysIn?: KeysIn;
  /** Fits fresh ids to what the body asks for. */
  idsFor?(this: void, ids: CreationIds, body: Output<Body>): CreationIds;
  readonly query?: Query;
  /** True if the request may come without a body, which is then undefined. */
  readonly isBodyOptional?: true;
  /** True if the query belongs to bodies of `rawBodyTypes`; a JSON body contains all of it. */
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
  readonly otherReplies?: readonly OtherReply<OtherBody>[];
  /** Refusals besides those that every route can answer with. */
  readonly problems: readonly ProblemCode[];
  /** Schema of the extension members of these problems (RFC 9457 §3.2). */
  readonly problemMembers?: Schema;
  /** Header fields that the handler reads, besides those that the rest of the definition implies. */
  readonly requestHeaders?: readonly RequestHeaderName[];
  handler(
    this: void,
    input: Input<Body, Query, Params, KeysIn>,
    context: RequestContext,
  ): Promise<Result<ReplyBody> | Reply<Output<OtherBody>>> | Result<ReplyBody>;
}

/** A route of any schemas, as in the list of routes. */
export type Route = Omit<
  RouteDefinition<
    Schema | undefined,
    Schema | undefined,
    Schema | undefined,
    Schema,
    TableName | undefined,
    Schema | undefined
  >,
  "handler"
> & {
  // Declared as a method, whose parameters are bivariant, so that routes of all types fit into one list.
  handler(this: void, input: Input<never, never, never, never>, context: RequestContext): unknown;
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
  OtherBody extends Schema | undefined = undefined,
>(
  route: RouteDefinition<Body, Query, Params, ReplyBody, KeysIn, OtherBody> & {
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
  const isNamed = access !== "open" && access !== "token" && access !== "link";
  return method === "POST" && isNamed ? access : undefined;
}
