// Tasks as they are shown: with the live state of their notifications, which stands in the jobs that
// deliver them.
import {
  toNotification,
  type Delivery,
  type Notice,
  type Notification,
} from "../../domain/notifications/notifications";
import { exportTask, type StoredTask, type Task } from "../../domain/records/tasks";
import { toTask } from "../../domain/records/context";
import { DomainError } from "../../domain/errors";
import { eventJob, NOTIFICATION_RETENTION_MS, type JobEntry } from "../../runtime/jobs";
import { tasksIn } from "../../runtime/tables";

/** The stored task. @throws DomainError `not-found` */
export async function findTask(env: Env, id: string): Promise<StoredTask> {
  const json = await tasksIn(env).read(id);
  if (json === null) throw new DomainError("not-found", "There is no task with this id.");
  return toTask(json);
}

/** A task with the state of its notifications, asked of their jobs; those that expired are left out. */
export async function withNotifications(env: Env, task: StoredTask): Promise<Task> {
  return { ...exportTask(task), notifications: await readNotifications(env, task.notices) };
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
