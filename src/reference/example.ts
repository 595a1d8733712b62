// Examples of an operation: they stand in the OpenAPI document and are run as tests, and are no part of
// the route, so that the deployed script does without them.
import type { RequestHeaderName } from "./openapi-headers";
import type { Route } from "../http/route";

/** A request and its reply, shown in the documentation and run as a test. Ids and instants are samples. */
export interface Example {
  /** Names it in the documentation: `missing-title`. */
  readonly name: string;
  readonly summary: string;
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Partial<Record<RequestHeaderName | "Accept", string>>>;
  /** A JSON value, or text of the media type. */
  readonly body?: unknown;
  /** Of the body; `application/json` unless said otherwise. */
  readonly mediaType?: string;
  readonly reply: {
    /** The route's usual one unless said otherwise. */
    readonly status?: number;
    /** A JSON value, or text of the media type; none for 204 and 304. */
    readonly body?: unknown;
    /** Whether the body shows a part of what is sent. */
    readonly isExcerpt?: boolean;
    /** JSON, or `application/problem+json` from 400 on, unless said otherwise. */
    readonly mediaType?: string;
  };
}

export type Examples = readonly [Example, ...Example[]];

/** A route with what the documentation says of it besides. */
export type DocumentedRoute = Route & {
  readonly description?: string;
  readonly examples: Examples;
};
