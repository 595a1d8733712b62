// Documentation of the routes of tasks. A test runs each example, with a channel named `slack`.
import type { Docs } from "../../http/route-docs";

/** The ids of the task in the examples and of an event that tells of a change. */
export const TASK_ID = "01935a20-1b2c-7d3e-8f40-5a6b7c8d9e0f";
/** Id of the event in examples. */
export const EVENT_ID = "01935a20-1b2d-7d3e-8f40-5a6b7c8d9e10";
const params = { id: TASK_ID };

/** Texts and examples by operation id. */
export const taskDocs: Docs = {
  createTask: {
    summary: "File a task",
    description:
      'The task and its notifications are committed together, and the reply does not wait for any delivery. Notifications go to the channels named in `notify` and to those that subscribe to `task.created`.\n\nAlso as an HTML form, without a script: `<form method="post" action="…/tasks">` on a page of a listed origin. `_subject` stands for the title and `email` for `reply_to`.',
    examples: [
      {
        name: "task",
        summary: "A task of which the channel `slack` is told",
        headers: { "Idempotency-Key": '"call-ada"' },
        body: {
          title: "Call Ada",
          priority: "high",
          due_at: "2026-11-30T17:00:00+01:00",
          notify: ["slack"],
        },
      },
      {
        name: "invalid",
        summary: "All faults at once",
        body: { priority: "huge", notify: ["nobody"] },
        status: 422,
      },
    ],
  },
  listTasks: {
    summary: "List tasks, or export them all",
    description:
      "The newest first, without what is long. A page of `q` may hold fewer tasks than asked for, even none, and still have a `next_cursor`. `Accept: application/x-ndjson` or `text/csv` streams every task that the filters leave, whole.",
    examples: [
      {
        name: "filtered",
        summary: "Pending tasks of high priority",
        query: { status: "pending", priority: "high", limit: "10" },
      },
    ],
  },
  getTask: {
    summary: "Read a task",
    description:
      "The ETag is made of the task's version and of the state of its notifications; `If-Match` looks at the version alone.",
    replies: { 304: "Nothing has changed." },
    examples: [
      {
        name: "task",
        summary: "A task whose notification was delivered",
        params,
      },
    ],
  },
  updateTask: {
    summary: "Change a task",
    description:
      "A JSON merge patch (RFC 7396): null removes description, assignee or due date. The status goes pending → in_progress → done; cancelled from any unfinished one.",
    examples: [
      {
        name: "start",
        summary: "Somebody has begun",
        params,
        headers: { "If-Match": '"1"' },
        body: { status: "in_progress" },
      },
      {
        name: "not-begun",
        summary: "What has not begun cannot be done",
        params,
        body: { status: "done" },
        status: 409,
      },
    ],
  },
  deleteTask: {
    summary: "Delete a task",
    examples: [{ name: "deleted", summary: "The task is gone", params }],
  },
  refillTasks: {
    summary: "Fill the table of tasks from KV",
    description: "The same for tasks.",
    examples: [{ name: "filled", summary: "All that KV has is in the table" }],
  },
};
