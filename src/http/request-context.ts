// The state of one request: everything that its checks and its handler share, complete before the first of
// them runs.
import type { Token } from "../domain/callers/tokens";
import type { Config } from "../env";

/** The caller: the holder of one of API_TOKENS, or anonymous. */
export type Caller =
  | { readonly kind: "token"; readonly token: Token }
  | { readonly kind: "anonymous"; readonly hasWrongToken: boolean };

/** The route of a request, by its method and path. */
export interface Match {
  readonly handle: (context: RequestContext) => Promise<Response> | Response;
  /** The path template, for the log, which must not contain ids. */
  readonly route: string;
  /** True if the reply tells the duration in `Server-Timing`, be it a result or a refusal. */
  readonly isTimed: boolean;
  /** True if the route takes forms, which are answered by pages. */
  readonly takesForms: boolean;
  /** True for a page or a file, whose requests do not count against the rate limit. */
  readonly isFile: boolean;
  readonly params: Readonly<Record<string, string>>;
}

/** Bindings that the routes use. What the variables hold is `config`. */
export type RequestEnv = Pick<
  Env,
  "ASSETS" | "CHANNEL_QUEUES" | "JOBS" | "RATE_LIMITER" | "TABLES" | "TASKS" | "USERS"
>;

/** The state that the checks and the handler of one request share. */
export interface RequestContext extends Omit<Match, "handle"> {
  readonly request: Request;
  readonly env: RequestEnv;
  readonly ctx: ExecutionContext;
  readonly config: Config;
  /** Names that PUBLIC_ENDPOINTS may contain. */
  readonly endpoints: ReadonlySet<string>;
  readonly caller: Caller;
  readonly requestId: string;
  /** The method, with GET in place of HEAD, so that HEAD needs no routes of its own. */
  readonly method: string;
  /** Scheme, host and port that the request was sent to. */
  readonly origin: string;
  /** The value of `Access-Control-Allow-Origin`; null if the caller's origin is not allowed. */
  readonly allowedOrigin: string | null;
  /** Start of the request in milliseconds of the runtime's monotonic clock. */
  readonly startedAt: number;
}
