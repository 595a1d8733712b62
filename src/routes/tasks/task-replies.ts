// Tasks as they are shown: with the live state of their notifications, which their channels keep.
import { DomainError } from "../../domain/errors";
import { toNotification, type Notification } from "../../domain/notifications/delivery";
import { toTask } from "../../domain/records/context";
import { unsentOf } from "../../domain/records/file-task";
import { exportTask, type StoredTask, type Task } from "../../domain/records/tasks";
import { channelNamed, type ChannelsEnv } from "../../runtime/channels";
import { tasksIn, type TablesEnv } from "../../runtime/tables";

/** Notifications that are shown besides the unfinished ones. */
const MAX_FINISHED = 50;

/** The stored task. @throws DomainError `not-found` */
export async function findTask(env: TablesEnv, id: string): Promise<StoredTask> {
  const json = await tasksIn(env).read(id);
  if (json === null) throw new DomainError("not-found", "There is no task with this id.");
  return toTask(json);
}

/** A task with the state of its notifications. @throws DomainError `unavailable` */
export async function withNotifications(
  env: TablesEnv & ChannelsEnv,
  task: StoredTask,
): Promise<Task> {
  return { ...exportTask(task), notifications: await readNotifications(env, task) };
}

async function readNotifications(
  env: TablesEnv & ChannelsEnv,
  { id, told }: StoredTask,
): Promise<Notification[]> {
  if (told.length === 0) return [];
  // First the outbox, then the channels: an event that is handed over between the two reads is found in both,
  // and its repeat left out below. In the other order it would be found in neither.
  const unsent = unsentOf(await tasksIn(env).untold(id));
  const lists = await Promise.all(
    told.map(async (name) => {
      const deliveries = await channelNamed(env, name).ofRecord(id, MAX_FINISHED);
      return deliveries.map((delivery) => ({ delivery, name }));
    }),
  );
  const all = lists.flat().toSorted((a, b) => a.delivery.seq - b.delivery.seq);
  const finished = all.filter(({ delivery }) => delivery.status !== "pending");
  const shown = new Set(finished.slice(-MAX_FINISHED));
  const sent = all
    .filter((entry) => entry.delivery.status === "pending" || shown.has(entry))
    .map(({ delivery, name }) => toNotification(delivery, name));
  const known = new Set(sent.map((notification) => notification.id));
  return [...sent, ...unsent.filter((notification) => !known.has(notification.id))];
}
