// Numbers of the platform and of the contract that two or more places need; any other stands where it is
// used. Where plans differ, they are those of the free plan, by the "limits" pages of Workers, Durable
// Objects and KV at developers.cloudflare.com (2026-11).

/**
 * Connections of one invocation that may wait for response headers at the same time; further ones are queued.
 */
export const CONNECTIONS_PER_INVOCATION = 6;

/** Requests to other servers that one invocation may send, redirects and retries included. */
const REQUESTS_PER_INVOCATION = 50;

/**
 * Requests that the calls of one request may send, or the items of one invocation of a lane, if SUBREQUESTS does not
 * say, and the deliveries of one of a channel. Five are kept for the Worker's own, such as tokens.
 */
export const DEFAULT_SUBREQUESTS = REQUESTS_PER_INVOCATION - 5;

/** Requests to other servers that one invocation may send on the paid plan, unless it is set higher. */
export const MAX_SUBREQUESTS = 10_000;

/** Requests of one invocation to the platform's own services: objects, KV, the cache. */
export const SERVICE_REQUESTS_PER_INVOCATION = 1000;

/** Bytes of a row in an object's SQLite, and of each value in it. */
export const ROW_BYTES = 2_000_000;

/** Milliseconds for which `waitUntil` keeps an invocation alive after the response. */
export const WAIT_UNTIL_MS = 30_000;

// Numbers of the contract, which docs and replies mention.

/** Bytes of a request body, unless its route sets another limit. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Bytes of the body of POST /batch-process: JSON, or lines of a caller without a token. */
export const MAX_BATCH_BODY_BYTES = 10 * 1024 * 1024;

/** Bytes of the lines of a batch that a holder of a token sends. */
export const MAX_LINES_BYTES = 100 * 1024 * 1024;

/**
 * Levels of arrays and objects in JSON from outside: far more than any real document has, and far fewer than
 * would overflow the stack of a recursive walk.
 */
export const MAX_JSON_DEPTH = 256;

/**
 * Members and elements of one JSON document, counted before it is parsed: an array counts two more, an
 * object four more. Each is some 45 bytes of memory at worst, so these are 22 MB; with the text of the
 * largest body at two bytes a character, and its texts once more, that is within 64 MB. Ten thousand
 * objects of twenty fields are 430,000.
 */
export const MAX_JSON_WEIGHT = 500_000;

/** Items of a batch in a JSON body. */
export const MAX_BATCH_ITEMS = 10_000;

/** Items of a batch as NDJSON or CSV. */
export const MAX_STREAMED_ITEMS = 100_000;

/** Items of a batch as NDJSON or CSV that a holder of a token sends. */
export const MAX_ITEMS = 1_000_000;

/** Characters (UTF-16 code units) of an item as JSON. At up to three bytes each, it fits into a row. */
export const MAX_ITEM_CHARACTERS = 512 * 1024;

/**
 * Characters of all items of a batch as JSON. Above the limit of the body, since each item of a CSV file
 * repeats the names of the columns.
 */
export const MAX_BATCH_CHARACTERS = 64 * 1024 * 1024;

/** Characters of all items of a batch as JSON that a holder of a token sends as lines. */
export const MAX_LINES_CHARACTERS = 256 * 1024 * 1024;

/** Seconds that `Prefer: wait` may ask for, at most. */
export const MAX_WAIT_SECONDS = 25;

/** Results on one page of a batch's results. */
export const MAX_RESULTS_PER_PAGE = 1000;

/** Channels that one request may name in `notify`. */
export const MAX_NAMED_CHANNELS = 20;

/** Our mark in `CDN-Loop` (RFC 8586): calls bear it, and what bears it makes no further calls. */
export const CDN_LOOP_MARK = "serentak";
