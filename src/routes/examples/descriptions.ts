// What the documentation says of operations at length. Like the examples, no part of the routes, so that
// the deployed script does without it.

/** In CommonMark, by operation id. */
export const descriptions: Readonly<Record<string, string>> = {
  createBatch:
    "Up to 10,000 items as JSON, or 100,000 as NDJSON or CSV with `?operation=`; an item may have 524,288 characters as JSON, all together 67,108,864. All items are validated before anything starts. The batch is durable before the 202, and each item ends succeeded or failed. `Prefer: wait=N` (at most 25 s) answers 200 with the results if it is done in time. The id is a capability: whoever has it may read and steer the batch.",
  createTask:
    "The task and its notifications are committed together, and the reply does not wait for any delivery. Notifications go to the channels named in `notify` and to those that subscribe to `task.created`.",
  createUser:
    "The address is checked within 1.5 seconds: syntax, mail servers over DNS, disposable domains, typical typos. A resolver that fails or is slow never blocks a sign-up: the verdict is then `unknown`, and the check is repeated in the background. There is one user per e-mail, whatever its spelling in case, Unicode form or IDN.",
  deleteBatch: "A batch that runs is stopped: no further item is started.",
  externalApi:
    "Up to 20 calls start at once, six wait for their response headers at a time. One that fails never fails the others: each has its receipt, in request order. With `Accept: application/x-ndjson` each receipt is a line as soon as it is there, and the last line is the summary; the policy then only decides what is cancelled.",
  getBatchEvents:
    "Server-sent events: `progress` with the batch whenever it has changed, at most twice a second, and `end` at last. After a reconnect with `Last-Event-ID` only what is new is sent.",
  getBatchResults:
    "Finished items in input order, also while the batch runs. `Accept: application/x-ndjson` or `text/csv` streams them all.",
  getOpenApi: "OpenAPI 3.1. `/docs` shows it.",
  getTask:
    "The ETag is made of the task's version and of the state of its notifications; `If-Match` looks at the version alone.",
  listTasks:
    "In order of filing, without description and notifications. With a filter a page may hold fewer tasks than asked for, even none, and still have a `next_cursor`.",
  listUsers:
    "In order of sign-up, without their metadata. `Accept: application/x-ndjson` or `text/csv` streams every user whole.",
  processData:
    "`operation` runs one operation or pipeline over the items; `operations` runs up to ten at once over the same items, each with its own outcome and an equal share of the work that one request may ask for. One that takes more is refused (`too-large`), as is one that cannot take more than 10,000 items. `GET /process-data` lists the operations.",
  resendNotification: "With the same `webhook-id`, a fresh schedule and a fresh signature.",
  updateTask:
    "A JSON merge patch (RFC 7396): null removes description, assignee or due date. The status goes pending → in_progress → done; cancelled from any unfinished one.",
  updateUser:
    "A JSON merge patch (RFC 7396): null removes age, metadata, or a member of the metadata.",
};
