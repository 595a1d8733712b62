// Tasks as they are shown: with the live state of their notifications, which stands in the jobs that
// deliver them.
import {
  toNotification,
  type Delivery,
  type Notice,
  type Notification,
} from "../../domain/notifications/notifications";
import type { StoredTask, Task } from "../../domain/records/tasks";
import { DomainError } from "../../domain/errors";
import { eventJob, NOTIFICATION_RETENTION_MS, type JobEntry } from "../../runtime/jobs";
import { tasksIn } from "../../storage/tasks";

/** The task as KV has it. @throws DomainError `not-found` */
export async function findTask(env: Env, id: string): Promise<StoredTask> {
  const task = await tasksIn(env.TASKS).get(id);
  if (task === null) throw new DomainError("not-found", "There is no task with this id.");
  return task;
}

/** A task with the state of its notifications, asked of their jobs; those that expired are left out. */
export async function withNotifications(env: Env, { notices, ...task }: StoredTask): Promise<Task> {
  return { ...task, notifications: await readNotifications(env, notices) };
}

async function readNotifications(env: Env, notices: readonly Notice[]): Promise<Notification[]> {
  const eventIds = [...new Set(notices.map(({ eventId }) => eventId))];
  // A task can be shown, and has been changed, even where a job cannot be asked.
  const entries = await Promise.all(
    eventIds.map((eventId) =>
      eventJob(env, eventId)
        .entries()
        .catch(() => []),
    ),
  );
  const states = new Map(entries.flat().map((entry) => [deliveryOf(entry).id, entry.state]));
  const forgottenBefore = Date.now() - NOTIFICATION_RETENTION_MS;
  return notices
    .filter(({ id, at }) => states.has(id) || at > forgottenBefore)
    .map((notice) => toNotification(notice, states.get(notice.id)));
}

/** The delivery in a notification job: written when the job was started. */
export function deliveryOf({ item }: JobEntry): Delivery {
  return item as Delivery;
}
