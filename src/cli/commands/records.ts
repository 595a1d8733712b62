// The commands `serentak users`, `tasks`, `notifications` and `list`.
import type { Command } from "../command";
import { listing } from "./lists";

const TEXT = { value: "TEXT" };
const INSTANT = { value: "INSTANT" };

/** `serentak users` */
export const usersCommand: Command = listing({
  name: "users",
  summary: "list people who signed up, or write them all to a file",
  filters: {
    email: { value: "ADDRESS", help: "the one with this address" },
    q: { ...TEXT, help: "in name or address, three characters or more" },
    verdict: { value: "VERDICTS", help: "of the address: deliverable, risky, unknown" },
    confirmed: { value: "true|false", help: "address confirmed by its owner" },
    "created-after": { ...INSTANT, help: "such as 2026-01-31T00:00:00Z" },
    "created-before": { ...INSTANT, help: "as above" },
    order: { value: "asc|desc", help: "oldest or newest first" },
  },
  columns: ["id", "created_at", "email", "name"],
  example: "serentak users --out users.csv",
  list: (client, query, { signal }) => client.users.list(query, { signal }),
  get: (client, id, { signal }) => client.users.get(id, { signal }),
  download: (client, query, { signal }) => {
    return (format) => client.users.download(format, query, { signal });
  },
});

/** `serentak tasks` */
export const tasksCommand: Command = listing({
  name: "tasks",
  summary: "list tasks, or write them all to a file",
  filters: {
    status: { value: "LIST", help: "pending, in_progress, done, cancelled; joined by commas" },
    priority: { value: "LIST", help: "low, medium, high, urgent; joined by commas" },
    "assignee-id": { value: "IDS", help: "ids of users joined by commas, or none" },
    "due-after": { ...INSTANT, help: "such as 2026-01-31T00:00:00Z" },
    "due-before": { ...INSTANT, help: "as above" },
    q: { ...TEXT, help: "in title or description, three characters or more" },
    order: { value: "asc|desc", help: "oldest or newest first" },
  },
  columns: ["id", "status", "priority", "title"],
  example: "serentak tasks --status pending,in_progress --priority urgent",
  list: (client, query, { signal }) => client.tasks.list(query, { signal }),
  get: (client, id, { signal }) => client.tasks.get(id, { signal }),
  download: (client, query, { signal }) => {
    return (format) => client.tasks.download(format, query, { signal });
  },
});

/** `serentak notifications` */
export const notificationsCommand: Command = listing({
  name: "notifications",
  summary: "list what was told to channels, and what failed",
  filters: {
    channel: { value: "NAME", help: "of this channel" },
    status: { value: "LIST", help: "pending, delivered, failed, cancelled; joined by commas" },
    event: { value: "LIST", help: "such as task.created; joined by commas" },
    "record-id": { value: "ID", help: "about this user, task or batch" },
    since: { ...INSTANT, help: "such as 2026-01-31T00:00:00Z" },
  },
  columns: ["id", "status", "event", "channel", "attempts"],
  example: "serentak notifications --status failed",
  list: (client, query, { signal }) => client.notifications.list(query, { signal }),
  get: (client, id, { signal }) => client.notifications.get(id, { signal }),
});

/** `serentak list` */
export const listCommand: Command = listing({
  name: "list",
  of: "batches",
  summary: "list batches, or write them all to a file",
  filters: {
    status: {
      value: "LIST",
      help: "scheduled, queued, running, paused, cancelled, completed; joined by commas",
    },
    label: { ...TEXT, help: "the whole label" },
    order: { value: "asc|desc", help: "oldest or newest first" },
  },
  columns: ["id", "created_at", "status", "succeeded", "failed", "total", "label"],
  example: "serentak list --status running,paused",
  list: (client, query, { signal }) => client.batches.list(query, { signal }),
  get: (client, id, { signal }) => client.batchById(id).status({ signal }),
  download: (client, query, { signal }) => {
    return (format) => client.batches.download(format, query, { signal });
  },
});
