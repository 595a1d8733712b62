// The rate limit, by the Workers rate-limit binding: approximate, counted by each Cloudflare location.
import type { Call } from "./call";
import { HttpError } from "./problem";

/** As in `wrangler.toml`, which the binding does not tell at run time. */
export const RATE_LIMIT = { requests: 100, periodSeconds: 60 } as const;

/** `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): what is allowed, not what is left. */
export const RATE_LIMIT_POLICY = `"default";q=${RATE_LIMIT.requests};w=${RATE_LIMIT.periodSeconds}`;

/** @throws HttpError `rate-limited` when this caller has used up its requests. */
export async function limitRate(call: Call): Promise<undefined> {
  const { success } = await call.env.RATE_LIMITER.limit({ key: rateLimitKey(call) });
  if (success) return undefined;
  throw new HttpError(
    "rate-limited",
    `More than ${RATE_LIMIT.requests} requests in ${RATE_LIMIT.periodSeconds} seconds.`,
    { "Retry-After": String(RATE_LIMIT.periodSeconds) },
  );
}

function rateLimitKey({ caller, request }: Call): string {
  if (caller.kind === "token") return `token:${caller.token.name}`;
  return `address:${addressGroup(request.headers.get("CF-Connecting-IP") ?? "")}`;
}

/** An IPv6 caller commands a whole /64, so the /64 is the caller. */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail ? tail.split(":") : [];
  const gap = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array<string>(Math.max(0, gap)).fill("0"), ...after].slice(0, 4).join(":");
}
