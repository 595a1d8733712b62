// The rate limit, by the Workers rate-limit binding: approximate, and counted separately in each Cloudflare
// location.
import { limit, period } from "../../dist/rate-limit.json";
import type { RequestContext } from "./request-context";
import { HttpError } from "./problem";

/** The header `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers): the limit, not what is left of it. */
export const RATE_LIMIT_POLICY = `"default";q=${limit};w=${period}`;

/**
 * Counts a request against the holder of a token, or else against the address.
 *
 * @throws HttpError `rate-limited` if the limit is reached
 */
export function limitRate(context: RequestContext): Promise<undefined> {
  const { caller } = context;
  return count(
    context,
    caller.kind === "token" ? `token:${caller.token.name}` : addressKey(context),
  );
}

/**
 * Counts a wrong token. Guesses are counted separately, so that they do not affect others behind the same
 * address.
 *
 * @throws HttpError `rate-limited`
 */
export function limitGuesses(context: RequestContext): Promise<undefined> {
  return count(context, `guess:${addressKey(context)}`);
}

async function count({ env }: RequestContext, key: string): Promise<undefined> {
  const { success } = await env.RATE_LIMITER.limit({ key });
  if (success) return undefined;
  const detail = `More than ${limit} requests in ${period} seconds.`;
  throw new HttpError("rate-limited", detail, { "Retry-After": String(period) });
}

function addressKey({ request }: RequestContext): string {
  return `address:${callerAddress(request.headers)}`;
}

/** The address that a caller without a token counts by; see `addressGroup`. */
export function callerAddress(headers: Headers): string {
  return addressGroup(headers.get("CF-Connecting-IP") ?? "");
}

/**
 * The part of an address that counts as one caller: all of an IPv4 address, and the first 64 bits of an IPv6
 * address, since a caller usually controls a whole /64.
 */
export function addressGroup(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  const after = tail ? tail.split(":") : [];
  const gap = tail === undefined ? 0 : 8 - groups.length - after.length;
  return [...groups, ...Array<string>(Math.max(0, gap)).fill("0"), ...after].slice(0, 4).join(":");
}
