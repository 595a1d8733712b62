// What the documentation says of operations at length. Like the examples, no part of the routes, so that
// the deployed script does without it.

import { MAX_CALLS } from "../../domain/calls/external-api";
import { EMAIL_CHECK_BUDGET_MS } from "../../domain/email/check-email";
import { MAX_FAILURES, MAX_PIPELINES } from "../../domain/operations/limits";
import {
  CONNECTIONS_PER_INVOCATION,
  MAX_BATCH_CHARACTERS,
  MAX_BATCH_ITEMS,
  MAX_ITEM_CHARACTERS,
  MAX_STREAMED_ITEMS,
  MAX_WAIT_SECONDS,
} from "../../domain/platform";

const count = (number: number) => number.toLocaleString("en");

/** In CommonMark, by operation id. */
export const descriptions: Readonly<Record<string, string>> = {
  createBatch: `Up to ${count(MAX_BATCH_ITEMS)} items as JSON, or ${count(MAX_STREAMED_ITEMS)} as NDJSON or CSV with \`?operation=\`; an item may have ${count(MAX_ITEM_CHARACTERS)} characters as JSON, all together ${count(MAX_BATCH_CHARACTERS)}. All items are validated before anything starts. The batch is durable before the 202, and each item ends succeeded or failed. \`Prefer: wait=N\` (at most ${MAX_WAIT_SECONDS} s) answers 200 with the results if it is done in time. The id is a capability: whoever has it may read and steer the batch.`,
  createTask:
    "The task and its notifications are committed together, and the reply does not wait for any delivery. Notifications go to the channels named in `notify` and to those that subscribe to `task.created`.",
  createUser: `The address is checked within ${EMAIL_CHECK_BUDGET_MS / 1000} seconds: syntax, mail servers over DNS, disposable domains, typical typos. A resolver that fails or is slow never blocks a sign-up: the verdict is then \`unknown\`, and the check is repeated in the background. There is one user per e-mail, whatever its spelling in case, Unicode form or IDN.`,
  deleteBatch: "A batch that runs is stopped: no further item is started.",
  externalApi: `Up to ${MAX_CALLS} calls start at once, ${CONNECTIONS_PER_INVOCATION} wait for their response headers at a time. One that fails never fails the others: each has its receipt, in request order. With \`Accept: application/x-ndjson\` each receipt is a line as soon as it is there, and the last line is the summary; the policy then only decides what is cancelled.`,
  getBatchEvents:
    "Server-sent events: `progress` with the batch whenever it has changed, at most twice a second, and `end` at last. After a reconnect with `Last-Event-ID` only what is new is sent.",
  getBatchResults:
    "Finished items in input order, also while the batch runs. `Accept: application/x-ndjson` or `text/csv` streams them all.",
  getOpenApi: "OpenAPI 3.1. `/docs` shows it.",
  getTask:
    "The ETag is made of the task's version and of the state of its notifications; `If-Match` looks at the version alone.",
  listTasks:
    "The newest first, without what is long. A page of `q` may hold fewer tasks than asked for, even none, and still have a `next_cursor`. `Accept: application/x-ndjson` or `text/csv` streams every task that the filters leave, whole.",
  listUsers:
    "The newest first, without their metadata. A page of `q` may hold fewer users than asked for, even none, and still have a `next_cursor`. `Accept: application/x-ndjson` or `text/csv` streams every user that the filters leave, whole.",
  processData: `\`operation\` runs one operation or pipeline over the items; \`operations\` runs up to ${MAX_PIPELINES} at once over the same items, each with its own outcome and an equal share of the work that one request may ask for. One that takes more is refused (\`too-large\`), as is one that cannot take more than ${count(MAX_FAILURES)} items. \`GET /process-data\` lists the operations.`,
  resendNotification: "With the same `webhook-id`, a fresh schedule and a fresh signature.",
  updateTask:
    "A JSON merge patch (RFC 7396): null removes description, assignee or due date. The status goes pending → in_progress → done; cancelled from any unfinished one.",
  updateUser:
    "A JSON merge patch (RFC 7396): null removes age, metadata, or a member of the metadata.",
};
