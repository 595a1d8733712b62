// Documentation of the routes of batches. A test runs each example.
import {
  MAX_BATCH_CHARACTERS,
  MAX_BATCH_ITEMS,
  MAX_ITEMS,
  MAX_ITEM_CHARACTERS,
  MAX_LINES_CHARACTERS,
  MAX_STREAMED_ITEMS,
  MAX_WAIT_SECONDS,
} from "../../domain/platform";
import { MAX_REMOVED } from "../../domain/batches/remove-batches";
import type { Docs } from "../../http/route-docs";

const count = (number: number) => number.toLocaleString("en");

/** The id of the batch in the examples. */
export const BATCH_ID = "7d9f2c4e-1a3b-4c5d-8e6f-0a1b2c3d4e5f";
const params = { id: BATCH_ID };

const body = { operation: ["trim", "lowercase"], items: [" Ada ", "GRACE"] };

/** Texts and examples by operation id. */
export const batchDocs: Docs = {
  createBatch: {
    summary: "Run a batch in the background",
    description: `Up to ${count(MAX_BATCH_ITEMS)} items as JSON, or ${count(MAX_STREAMED_ITEMS)} as NDJSON or CSV with \`?operation=\`, ${count(MAX_ITEMS)} with a token; an item may have ${count(MAX_ITEM_CHARACTERS)} characters as JSON, all together ${count(MAX_BATCH_CHARACTERS)}, as lines with a token ${count(MAX_LINES_CHARACTERS)}. An item \`{"id", "item"}\`, and a column \`item_id\`, name an item by an id of its own. A row of one column is its text, of several an object without its empty cells, without a header line a list; rows of empty cells are left out. For \`users\`, \`tasks\` and \`external-api\` columns are fields, of any case, and cells get their types. All items are validated before anything starts. The batch is durable before the 202, and each item ends succeeded or failed. \`Prefer: wait=N\` (at most ${MAX_WAIT_SECONDS} s) answers 200 with the results if it is done in time. \`then\` is a summary operation of \`/process-data\` over the outputs, made at the end of each run and shown as \`summary\`: of at most 16 MiB of outputs, and itself of at most 500,000 characters as JSON. The id is a capability: whoever has it may read and steer the batch. The 202 shows the batch as it was created; a small one that only computes is over by then.`,
    replies: { 200: "Done in time, with its results." },
    examples: [
      {
        name: "background",
        summary: "A pipeline over items, in the background",
        headers: { "Idempotency-Key": '"names-of-monday"' },
        body: { ...body, options: { concurrency: 6, max_attempts: 3 } },
      },
      {
        name: "wait",
        summary: "Waiting for a short batch",
        headers: { Prefer: "wait=5" },
        body,
        status: 200,
      },
      {
        name: "then",
        summary: "With a summary of the outputs at the end",
        headers: { Prefer: "wait=5" },
        body: { operation: "length", items: ["Ada", "Grace"], then: "statistics" },
        status: 200,
      },
      {
        name: "ndjson",
        summary: "Items one a line",
        query: { operation: "uppercase" },
        mediaType: "application/x-ndjson",
        body: '"ada"\n"grace"\n',
      },
      {
        name: "csv",
        summary: "Sign-ups from a file",
        query: { operation: "users", max_attempts: "5" },
        mediaType: "text/csv",
        body: "name,email,age\r\nAda Lovelace,ada@example.com,36\r\nGrace Hopper,grace@example.com,\r\n",
      },
      {
        name: "template",
        summary: "A call for each row",
        query: {
          operation: "external-api",
          template: '{"url":"https://api.example.com/cities/{city}"}',
        },
        mediaType: "text/csv",
        body: "item_id;city\r\n1;Jakarta\r\n2;São Paulo\r\n",
      },
      {
        name: "invalid-item",
        summary: "Nothing starts unless every item is valid",
        body: {
          operation: "users",
          items: [{ name: "Ada Lovelace", email: "ada@example.com" }, {}],
        },
        status: 422,
      },
    ],
  },
  listBatches: {
    summary: "List batches, or export them all",
    description:
      "The newest first, each as its job has reported it last: a change of status is reported at once, counts of a batch that runs every ten seconds or, the longer it runs, up to every five minutes. `GET /batch-process/<id>` tells them as they are. `Accept: application/x-ndjson` or `text/csv` streams every batch that the filters leave, whole.",
    examples: [
      {
        name: "filtered",
        summary: "Batches of one label that are over",
        query: { status: "completed,cancelled", label: "Names of Monday", limit: "10" },
      },
      {
        name: "csv",
        summary: "All as CSV",
        headers: { Accept: "text/csv" },
      },
    ],
  },
  getBatch: {
    summary: "Read a batch",
    replies: { 304: "Nothing has changed." },
    examples: [
      { name: "completed", summary: "All done", params },
      {
        name: "unknown",
        summary: "No such batch, or not any more",
        params: { id: "00000000-0000-4000-8000-000000000000" },
        status: 404,
      },
    ],
  },
  updateBatch: {
    summary: "Change the options of a batch while it runs",
    description:
      "A merge patch of `options`, until it is over, and of `label` and `metadata` at any time. What is in flight is not touched; the next item is started by the new options.",
    examples: [
      {
        name: "over",
        summary: "Two at once, and ten starts a minute; here the batch is over",
        params,
        body: { options: { concurrency: 2, rate: "10/min" } },
        status: 409,
      },
    ],
  },
  getBatchResults: {
    summary: "Read a batch's results",
    description:
      "Finished items in input order, also while the batch runs. `Accept: application/x-ndjson` or `text/csv` streams them all.",
    examples: [
      {
        name: "page",
        summary: "A page",
        params,
        query: { limit: "100" },
      },
      {
        name: "failed",
        summary: "Only what failed",
        params,
        query: { only: "failed" },
      },
      {
        name: "csv",
        summary: "Everything as CSV",
        params,
        headers: { Accept: "text/csv" },
      },
      {
        name: "ndjson",
        summary: "Everything, one result a line",
        params,
        headers: { Accept: "application/x-ndjson" },
      },
    ],
  },
  getBatchEvents: {
    summary: "Follow a batch",
    description:
      "Server-sent events: `progress` with the batch whenever it has changed, at most twice a second, and `end` at last. After a reconnect with `Last-Event-ID` only what is new is sent.",
    replies: { 204: "The batch is over, and you have its last event." },
    examples: [
      {
        name: "events",
        summary: "The events of a batch that is over",
        params,
      },
      {
        name: "nothing-new",
        summary: "After the last event there is nothing more",
        params,
        headers: { "Last-Event-ID": "end-completed-2-0" },
        status: 204,
      },
    ],
  },
  cancelBatch: {
    summary: "Stop a batch for good; finished items keep their results",
    examples: [
      {
        name: "cancel",
        summary: "What is finished stays; here nothing was",
        params,
      },
      {
        name: "over",
        summary: "What is over cannot be cancelled",
        params,
        status: 409,
      },
    ],
  },
  pauseBatch: {
    summary: "Stop a batch until it is resumed",
    examples: [
      {
        name: "pause",
        summary: "Nothing further is started",
        params,
      },
    ],
  },
  resumeBatch: {
    summary: "Go on with a paused batch",
    examples: [
      {
        name: "resume",
        summary: "It goes on",
        params,
      },
    ],
  },
  retryBatch: {
    summary: "Run items of a batch again that is over",
    description:
      "Without a body: what failed, but for `interrupted` items, and what a cancelled batch did not run. What is chosen is run, and nothing else: a batch of which items are left out is `cancelled` again at its end. Where nothing is chosen, the answer is 409. `stop_after_failures` counts the failures of this run. The results are merged into the same batch.",
    examples: [
      {
        name: "retry",
        summary: "Of two items one had failed",
        params,
      },
    ],
  },
  deleteBatch: {
    summary: "Remove a batch and its results",
    description: "A batch that runs is stopped: no further item is started.",
    examples: [{ name: "deleted", summary: "Nothing is left of it", params }],
  },
  deleteBatches: {
    summary: "Remove many batches and their results",
    description: `Those in one of these states that were created before an instant, the oldest first, at most ${MAX_REMOVED} with each request: repeat it until it removes none. Batches that run are stopped.`,
    examples: [
      {
        name: "old",
        summary: "What had ended, of those before December",
        query: { status: "completed,cancelled", before: "2026-12-01T00:00:00Z" },
      },
      {
        name: "missing",
        summary: "All batches of a state, whatever their age, are never meant",
        query: { status: "completed" },
        status: 400,
      },
    ],
  },
};
