// Limits of operations, all of them published by GET /process-data. A request body is at most 1 MiB (10 MiB
// for a batch), but operations multiply data: these limits keep a request well within the 128 MB of an isolate.

/** Items of one request. */
export const MAX_ITEMS = 10_000;
/** Pipelines of one request. */
export const MAX_PIPELINES = 10;
/** Steps of one pipeline. */
export const MAX_STEPS = 10;
/** Entries of a list inside a pipeline: after `flatten` there may be more than the request has items. */
export const MAX_LIST_ENTRIES = 100_000;
/** Characters (UTF-16 code units) of one text that an operation returns. */
export const MAX_TEXT_CHARS = 1024 * 1024;
/** Bytes of memory that one item may hold, by the estimate of `size.ts`. */
export const MAX_ITEM_BYTES = 8 * 1024 * 1024;
/** Bytes of memory that the items of a step and what it makes of them hold together, by the same estimate. */
export const MAX_HELD_BYTES = 16 * 1024 * 1024;
/**
 * Bytes of memory that several pipelines of a request keep together, by the same estimate. Each leaves what has lived
 * for long to a collector that sees no reason to come before the request has ended. The first may keep more.
 */
export const MAX_KEPT_BYTES = 16 * 1024 * 1024;
/** Bytes of JSON in UTF-8 that a reply has at most. */
export const MAX_REPLY_BYTES = 16 * 1024 * 1024;
/** How many times a bound of bytes is counted up to, to tell how much too much something is: to count takes time. */
const COUNTED_TIMES = 8;

/** True for bytes so far beyond their bound that they are counted no further. */
export function isFarOver(bytes: number, bound: number): boolean {
  return bytes > COUNTED_TIMES * bound;
}

/** The words for a number of bytes that is over its bound. */
export function bytesOver(bytes: number, bound: number): string {
  return isFarOver(bytes, bound) ? `over ${COUNTED_TIMES * bound}` : String(bytes);
}

/** Levels of arrays and objects in an item. */
export const MAX_ITEM_DEPTH = 100;
/** Characters of a URL: parsing a long internationalised host takes quadratic time. */
export const MAX_URL_CHARS = 8_192;
/** Characters of a text parameter. */
export const MAX_PARAMETER_CHARS = 1_000;
/** Items that may fail in one pipeline; only flattened lists have more items. */
export const MAX_FAILURES = 10_000;

// Work is counted in units of about 10 ns, the worst case of a simple operation for one character. Clocks stand
// still while a deployed Worker computes, so that time cannot be measured instead.

/** Work of a whole request: five seconds at worst, and usually far less. */
export const MAX_REQUEST_WORK = 500_000_000;
/** Work between two yields to other requests: at most 20 ms. A yield costs as much as mapping a thousand texts. */
export const WORK_BETWEEN_YIELDS = 2_000_000;
/** Work of a failing item, for its error and its part of the reply. */
export const WORK_PER_FAILURE = 200;
/** Work of one JMESPath step. */
export const WORK_PER_QUERY_STEP = 10;
