// One request on its way through the Worker: what its stages and its handler share, all of it known
// before the first of them runs.
import type { Token } from "../domain/callers/tokens";
import type { Config } from "../env";

/** Who calls: the holder of one of API_TOKENS, or nobody in particular. */
export type Caller =
  | { readonly kind: "token"; readonly token: Token }
  | { readonly kind: "anonymous"; readonly hasWrongToken: boolean };

/** Where a request goes, by its method and path. */
export interface Match {
  readonly handle: (call: Call) => Promise<Response> | Response;
  /** The path template, for the log: ids stay out of it. */
  readonly route: string;
  /** Whether the reply tells how long it took (`Server-Timing`), be it a result or a refusal. */
  readonly isTimed: boolean;
  /** Whether it is a page or a file, of which people may open as many as they like. */
  readonly isFile: boolean;
  readonly params: Readonly<Record<string, string>>;
}

/** What the stages and handlers of one request share. */
export interface Call extends Omit<Match, "handle"> {
  readonly request: Request;
  readonly env: Env;
  readonly ctx: ExecutionContext;
  readonly config: Config;
  readonly caller: Caller;
  readonly requestId: string;
  /** GET for HEAD, so that HEAD needs no routes. */
  readonly method: string;
  /** Scheme, host and port under which the Worker was called. */
  readonly origin: string;
  /** The value of `Access-Control-Allow-Origin`, or null where the caller's origin is not allowed. */
  readonly allowedOrigin: string | null;
  /** Milliseconds of the runtime's monotonic clock. */
  readonly startedAt: number;
}
