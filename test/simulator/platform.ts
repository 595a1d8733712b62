// The numbers of the platform that the simulator keeps to, and the errors by which it says so.

/** https://developers.cloudflare.com/kv/platform/limits/ */
export const KV = {
  maxKeyBytes: 512,
  maxMetadataBytes: 1024,
  maxValueBytes: 25 * 1024 * 1024,
  maxBulkKeys: 100,
  maxListKeys: 1000,
  minTtlSeconds: 60,
  minCacheTtlSeconds: 30,
} as const;

/** An alarm whose handler throws is repeated after 2 s, 4 s, … and given up after the sixth. */
export const ALARM_RETRIES = 6;
/** Milliseconds until the platform's first retry of a failed alarm. */
export const FIRST_ALARM_RETRY_MS = 2000;

/** The platform's own words for a day's quota that is used up. */
export const OVER_QUOTA = {
  objectRequests: "Exceeded allowed volume of requests in Durable Objects free tier.",
  rowsWritten: "Exceeded allowed rows written in Durable Objects free tier.",
  kvReads: "KV get() limit exceeded for the day.",
  kvWrites: "KV put() limit exceeded for the day.",
  kvDeletes: "KV delete() limit exceeded for the day.",
  kvLists: "KV list() limit exceeded for the day.",
} as const;

/** Errors of an invocation that sends too many requests. */
export const TOO_MANY = {
  outgoing: "Too many subrequests by single Worker invocation.",
  services: "Too many API requests by single Worker invocation.",
} as const;

/** Requests that one invocation may send on the free plan: to the Internet, and to KV and objects. */
export const FREE_INVOCATION = { outgoing: 50, services: 1000 } as const;
