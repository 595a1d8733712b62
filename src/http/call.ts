// One request on its way through the Worker. The router matches and writes on this object instead of
// the runtime's `Request`, on which every added property is slow.
import type { Config } from "../env";

/** Who calls: the holder of a token, known by its place in API_TOKENS, or nobody in particular. */
export type Caller =
  | { readonly kind: "token"; readonly index: number }
  | { readonly kind: "anonymous" };

/** What the stages and handlers of one request share. */
export interface Call {
  readonly request: Request;
  readonly env: Env;
  readonly ctx: ExecutionContext;
  readonly config: Config;
  caller: Caller;
  readonly requestId: string;
  /** Scheme, host and port under which the Worker was called. */
  readonly origin: string;
  /** The value of `Access-Control-Allow-Origin`, or null where the caller's origin is not allowed. */
  readonly allowedOrigin: string | null;
  /** Milliseconds of the runtime's monotonic clock. */
  readonly startedAt: number;

  // What the router reads and writes. `method` is GET for HEAD, so that HEAD needs no routes.
  readonly method: string;
  readonly url: string;
  query: Record<string, string | string[] | undefined>;
  params: Record<string, string>;
  /** The path template that matched, for the log: ids stay out of it. */
  route: string;

  /** Whether the reply tells how long it took (`Server-Timing`), be it a result or a refusal. */
  isTimed: boolean;
}
