// Every number of the platform and of the contract that two places need, once. Others stand where they
// are used. The platform's are of the free plan where the plans differ, by the pages "limits" of Workers,
// Durable Objects and KV at developers.cloudflare.com (2026-11).

/** Connections of one invocation that may wait for response headers; what comes further waits in a queue. */
export const CONNECTIONS_PER_INVOCATION = 6;

/** Requests to other servers that one invocation may send, redirects and repeats included. */
export const REQUESTS_PER_INVOCATION = 50;

/** Requests of one invocation to the platform's own services: objects, KV, the cache. */
export const SERVICE_REQUESTS_PER_INVOCATION = 1000;

/** Bytes of a row in an object's SQLite, and of each value in it. */
export const ROW_BYTES = 2_000_000;

/** Bytes that a call to an object may carry, in either direction. */
export const OBJECT_CALL_BYTES = 32 * 1024 * 1024;

/** Milliseconds that work may go on in `waitUntil` after the response. */
export const WAIT_UNTIL_MS = 30_000;

// The contract's.

/** Bytes of a request's body, where its route does not say otherwise. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** Bytes of the body of POST /batch-process. */
export const MAX_BATCH_BODY_BYTES = 10 * 1024 * 1024;

/**
 * Levels of arrays and objects in JSON that comes from outside: far more than people send, far fewer than
 * what overflows the stack of whoever walks it.
 */
export const MAX_JSON_DEPTH = 256;

/** Items of a batch in a JSON body. */
export const MAX_BATCH_ITEMS = 10_000;

/** Items of a batch as NDJSON or CSV. */
export const MAX_STREAMED_ITEMS = 100_000;

/** Characters (UTF-16 code units) of an item as JSON: at three bytes each it fits into a row. */
export const MAX_ITEM_CHARACTERS = 512 * 1024;

/** Characters of all items of a batch as JSON. A CSV file's columns stand once in its body, but in every item. */
export const MAX_BATCH_CHARACTERS = 64 * 1024 * 1024;

/** Seconds that `Prefer: wait` may ask for. */
export const MAX_WAIT_SECONDS = 25;

/** Results on a page of a batch's results. */
export const MAX_RESULTS_PER_PAGE = 1000;

/** Channels that one request may name. */
export const MAX_NAMED_CHANNELS = 20;

/** Our mark in `CDN-Loop` (RFC 8586): calls bear it, and what bears it makes no further calls. */
export const CDN_LOOP_MARK = "serentak";
