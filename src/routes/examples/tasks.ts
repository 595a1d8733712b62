// What the documentation shows of tasks. Each is run as a test, with a channel called `slack`.
import type { Notification } from "../../domain/notifications/notifications";
import type { Task } from "../../domain/records/tasks";
import type { Examples } from "../../reference/example";
import { problemExample } from "./problem-example";

/** The ids of the task in the examples and of its notification. */
export const TASK_ID = "01935a20-1b2c-7d3e-8f40-5a6b7c8d9e0f";
export const NOTIFICATION_ID = "01935a20-1b2d-7d3e-8f40-5a6b7c8d9e10";
const params = { id: TASK_ID };

const notification: Notification = {
  id: NOTIFICATION_ID,
  channel: "slack",
  event: "task.created",
  status: "pending",
  attempts: 0,
  last_attempt_at: null,
  next_attempt_at: null,
  http_status: null,
  error: null,
};
const task: Task = {
  id: TASK_ID,
  title: "Call Ada",
  description: null,
  priority: "high",
  status: "pending",
  assignee_id: null,
  due_at: "2026-11-30T16:00:00.000Z",
  metadata: {},
  reply_to: null,
  created_at: "2026-11-22T09:30:00.000Z",
  updated_at: "2026-11-22T09:30:00.000Z",
  version: 1,
  notifications: [notification],
};
const delivered: Notification = {
  ...notification,
  status: "delivered",
  attempts: 1,
  last_attempt_at: "2026-11-22T09:30:00.120Z",
  http_status: 200,
};
const { description: _, notifications: __, ...summary } = task;

/** POST /tasks. */
export const createTaskExamples: Examples = [
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
    reply: { body: task },
  },
  {
    name: "invalid",
    summary: "All faults at once",
    body: { priority: "huge", notify: ["nobody"] },
    reply: problemExample("invalid-body", "3 faults in the body; see errors.", {
      errors: [
        { pointer: "#/title", detail: "Missing" },
        {
          pointer: "#/priority",
          detail:
            'Invalid type: Expected ("low" | "medium" | "high" | "urgent") but received "huge"',
        },
        { pointer: "#/notify/0", detail: 'CHANNELS has no "nobody"' },
      ],
    }),
  },
];

/** GET /tasks. */
export const listTasksExamples: Examples = [
  {
    name: "filtered",
    summary: "Pending tasks of high priority",
    query: { status: "pending", priority: "high", limit: "10" },
    reply: { body: { tasks: [summary], next_cursor: null } },
  },
];

/** GET /tasks/<id>. */
export const getTaskExamples: Examples = [
  {
    name: "task",
    summary: "A task whose notification was delivered",
    params,
    reply: { body: { ...task, notifications: [delivered] } },
  },
];

/** PATCH /tasks/<id>. */
export const updateTaskExamples: Examples = [
  {
    name: "start",
    summary: "Somebody has begun",
    params,
    headers: { "If-Match": '"1"' },
    body: { status: "in_progress" },
    reply: {
      body: { ...task, status: "in_progress", version: 2, notifications: [delivered] },
    },
  },
  {
    name: "not-begun",
    summary: "What has not begun cannot be done",
    params,
    body: { status: "done" },
    reply: problemExample("wrong-state", "A task that is pending cannot become done."),
  },
];

/** DELETE /tasks/<id>. */
export const deleteTaskExamples: Examples = [
  { name: "deleted", summary: "The task is gone", params, reply: {} },
];

/** POST /tasks/<id>/notifications/<nid>/resend. */
export const resendNotificationExamples: Examples = [
  {
    name: "resend",
    summary: "Once more",
    params: { ...params, nid: NOTIFICATION_ID },
    reply: { body: notification },
  },
];
