// What the documentation shows of batches. Each is run as a test.
import { toBatch, type JobSummary } from "../../domain/batches/batch";
import type { Examples } from "../../reference/example";
import type { JobAction } from "../../domain/batches/job-lifecycle";
import { problemExample } from "./problem-example";

/** The id of the batch in the examples. */
export const BATCH_ID = "7d9f2c4e-1a3b-4c5d-8e6f-0a1b2c3d4e5f";
const params = { id: BATCH_ID };

const CREATED_AT = Date.UTC(2026, 10, 22, 9, 30);
const finished: JobSummary = {
  status: "completed",
  operation: ["trim", "lowercase"],
  total: 2,
  succeeded: 2,
  failed: 0,
  createdAt: CREATED_AT,
  startedAt: CREATED_AT + 2,
  finishedAt: CREATED_AT + 12,
  expiresAt: CREATED_AT + 7 * 86_400_000,
  lastResultAt: CREATED_AT + 12,
  ranMs: 10,
};
const queued: JobSummary = {
  ...finished,
  status: "queued",
  succeeded: 0,
  startedAt: null,
  finishedAt: null,
  lastResultAt: null,
  ranMs: 0,
};
const results = [
  { index: 0, status: "succeeded", output: "ada", attempts: 1 },
  { index: 1, status: "succeeded", output: "grace", attempts: 1 },
];
const body = { operation: ["trim", "lowercase"], items: [" Ada ", "GRACE"] };
const batch = (summary: Partial<JobSummary>) => toBatch(BATCH_ID, { ...finished, ...summary });

/** POST /batch-process. */
export const createBatchExamples: Examples = [
  {
    name: "background",
    summary: "A pipeline over items, in the background",
    headers: { "Idempotency-Key": '"names-of-monday"' },
    body: { ...body, options: { concurrency: 6, max_attempts: 3 } },
    reply: { body: toBatch(BATCH_ID, queued) },
  },
  {
    name: "wait",
    summary: "Waiting for a short batch",
    headers: { Prefer: "wait=5" },
    body,
    reply: { status: 200, body: { ...toBatch(BATCH_ID, finished), results, next_cursor: null } },
  },
  {
    name: "ndjson",
    summary: "Items one a line",
    query: { operation: "uppercase" },
    mediaType: "application/x-ndjson",
    body: '"ada"\n"grace"\n',
    reply: { body: toBatch(BATCH_ID, { ...queued, operation: "uppercase" }) },
  },
  {
    name: "csv",
    summary: "Sign-ups from a file",
    query: { operation: "users", max_attempts: "5" },
    mediaType: "text/csv",
    body: "name,email,age\r\nAda Lovelace,ada@example.com,36\r\nGrace Hopper,grace@example.com,\r\n",
    reply: { body: toBatch(BATCH_ID, { ...queued, operation: "users" }) },
  },
  {
    name: "invalid-item",
    summary: "Nothing starts unless every item is valid",
    body: { operation: "users", items: [{ name: "Ada Lovelace", email: "ada@example.com" }, {}] },
    reply: problemExample("invalid-body", "2 faults in the body; see errors.", {
      errors: [
        { pointer: "#/items/1/name", detail: "Missing" },
        { pointer: "#/items/1/email", detail: "Missing" },
      ],
    }),
  },
];

/** GET /batch-process/<id>. */
export const getBatchExamples: Examples = [
  { name: "completed", summary: "All done", params, reply: { body: batch({}) } },
  {
    name: "unknown",
    summary: "No such batch, or not any more",
    params: { id: "00000000-0000-4000-8000-000000000000" },
    reply: problemExample("not-found", "There is no batch with this id; it may have expired."),
  },
];

/** GET /batch-process/<id>/results. */
export const getBatchResultsExamples: Examples = [
  {
    name: "page",
    summary: "A page",
    params,
    query: { limit: "100" },
    reply: { body: { results, next_cursor: null } },
  },
  {
    name: "failed",
    summary: "Only what failed",
    params,
    query: { only: "failed" },
    reply: { body: { results: [], next_cursor: null } },
  },
  {
    name: "csv",
    summary: "Everything as CSV",
    params,
    headers: { Accept: "text/csv" },
    reply: {
      mediaType: "text/csv",
      body: "index,status,output,error,attempts\r\n0,succeeded,ada,,1\r\n1,succeeded,grace,,1\r\n",
    },
  },
  {
    name: "ndjson",
    summary: "Everything, one result a line",
    params,
    headers: { Accept: "application/x-ndjson" },
    reply: {
      mediaType: "application/x-ndjson",
      body: results.map((result) => `${JSON.stringify(result)}\n`).join(""),
    },
  },
];

/** GET /batch-process/<id>/events. */
export const getBatchEventsExamples: Examples = [
  {
    name: "events",
    summary: "The events of a batch that is over",
    params,
    reply: {
      body: [
        "retry: 1000\n\n",
        `event: progress\nid: completed-2-0\ndata: ${JSON.stringify(batch({}))}\n\n`,
        `event: end\nid: end-completed-2-0\ndata: ${JSON.stringify(batch({}))}\n\n`,
      ].join(""),
    },
  },
  {
    name: "nothing-new",
    summary: "After the last event there is nothing more",
    params,
    headers: { "Last-Event-ID": "end-completed-2-0" },
    reply: { status: 204 },
  },
];

/** POST /batch-process/<id>/<action>. */
export const steerBatchExamples: Readonly<Record<JobAction, Examples>> = {
  cancel: [
    {
      name: "cancel",
      summary: "What is finished stays; here nothing was",
      params,
      reply: { body: batch({ ...queued, status: "cancelled", finishedAt: CREATED_AT }) },
    },
    {
      name: "over",
      summary: "What is over cannot be cancelled",
      params,
      reply: problemExample("wrong-state", "Cannot cancel a batch that is completed."),
    },
  ],
  pause: [
    {
      name: "pause",
      summary: "Nothing further is started",
      params,
      reply: { body: batch({ ...queued, status: "paused" }) },
    },
  ],
  resume: [
    {
      name: "resume",
      summary: "It goes on",
      params,
      reply: { body: batch({ ...queued, status: "running" }) },
    },
  ],
  retry: [
    {
      name: "retry",
      summary: "Of two items one had failed",
      params,
      reply: {
        body: batch({
          status: "running",
          operation: "json_parse",
          succeeded: 1,
          finishedAt: null,
        }),
      },
    },
  ],
};

/** DELETE /batch-process/<id>. */
export const deleteBatchExamples: Examples = [
  { name: "deleted", summary: "Nothing is left of it", params, reply: {} },
];
