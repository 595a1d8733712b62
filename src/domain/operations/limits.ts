// The bounds of operations. A request body is at most 1 MiB (10 MiB for a batch), but operations
// multiply: these keep what they make well inside the 128 MB of an isolate.

/** Items of one request. */
export const MAX_ITEMS = 10_000;
/** Pipelines of one request. */
export const MAX_PIPELINES = 10;
/** Steps of one pipeline. */
export const MAX_STEPS = 10;
/** Entries of a list inside a pipeline: `flatten` may make more of them than came in. */
export const MAX_LIST_ENTRIES = 100_000;
/** Characters (UTF-16 code units) of one text that an operation makes. */
export const MAX_TEXT_CHARS = 1024 * 1024;
/** Characters, as JSON (about), that one step may make for a whole request; shared by its pipelines. */
export const MAX_OUTPUT_CHARS = 16 * 1024 * 1024;
/** Levels of arrays and objects in an item. */
export const MAX_ITEM_DEPTH = 100;
/** Characters of a text parameter. */
export const MAX_PARAMETER_CHARS = 1_000;
/** JMESPath steps of a whole request, shared by its pipelines: about half a second at worst. */
export const MAX_REQUEST_QUERY_STEPS = 5_000_000;
/** Items that one pipeline may refuse: only lists that were flattened hold more. */
export const MAX_FAILURES = 10_000;

// Work is counted in units of about 10 ns, what a plain operation needs for a character at worst.

/** Work of a whole request, shared by its pipelines: two to three seconds. */
export const MAX_REQUEST_WORK = 250_000_000;
/** Work between two yields: about 5 ms. */
export const WORK_BETWEEN_YIELDS = 500_000;
/** Work that an item costs whatever its size. */
export const WORK_PER_ITEM = 20;
/** Work of refusing an item: most of it is the error. */
export const WORK_PER_FAILURE = 1_000;
/** Work of a step of JMESPath, and of starting an expression. */
export const WORK_PER_QUERY_STEP = 10;
export const WORK_PER_QUERY = 100;
