// Limits of operations. A request body is at most 1 MiB (10 MiB for a batch), but operations multiply data:
// these limits keep their results well within the 128 MB of an isolate.

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
/** Characters of JSON (about) that one step may return for a whole request; divided among its pipelines. */
export const MAX_OUTPUT_CHARS = 16 * 1024 * 1024;
/** Levels of arrays and objects in an item. */
export const MAX_ITEM_DEPTH = 100;
/** Characters of a text parameter. */
export const MAX_PARAMETER_CHARS = 1_000;
/** JMESPath steps of a whole request, divided among its pipelines: about half a second at worst. */
export const MAX_REQUEST_QUERY_STEPS = 5_000_000;
/** Items that may fail in one pipeline; only flattened lists have more items. */
export const MAX_FAILURES = 10_000;

// Work is counted in units of about 10 ns, the worst case of a simple operation for one character.

/** Work of a whole request, divided among its pipelines: two to three seconds. */
export const MAX_REQUEST_WORK = 250_000_000;
/** Work between two yields to other requests: about 5 ms. */
export const WORK_BETWEEN_YIELDS = 500_000;
/** Work of each item, whatever its size. */
export const WORK_PER_ITEM = 20;
/** Work of a failing item, most of it for creating the error. */
export const WORK_PER_FAILURE = 1_000;
/** Work of one JMESPath step. */
export const WORK_PER_QUERY_STEP = 10;
/** Work of starting an expression. */
export const WORK_PER_QUERY = 100;
