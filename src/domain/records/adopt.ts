// Records as they come from outside the table: from KV, from an export, from version 0.1. Fields that were
// added since are given the values that they have where nothing was said.
import * as v from "valibot";
import { StoredTask } from "./tasks";
import { User } from "./users";

const Loose = v.looseObject({});

/** A user of any version, or null for what is none. */
export function adoptUser(value: unknown): User | null {
  const fields = v.safeParse(Loose, value);
  if (!fields.success) return null;
  const { unsubscribe_url, ...known }: Readonly<Record<string, unknown>> = {
    confirmed_at: null,
    ...fields.output,
  };
  const user = v.safeParse(User, known);
  return user.success ? user.output : null;
}

/** A task of any version, as it is stored or shown, or null for what is none. `now` is epoch milliseconds. */
export function adoptTask(value: unknown, now: number): StoredTask | null {
  const fields = v.safeParse(Loose, value);
  if (!fields.success) return null;
  const { notifications, ...known }: Readonly<Record<string, unknown>> = {
    metadata: {},
    reply_to: null,
    notices: [],
    notify: [],
    remind_at: null,
    ...fields.output,
  };
  const task = v.safeParse(StoredTask, known);
  if (!task.success) return null;
  const { due_at, status } = task.output;
  const isOpen = status === "pending" || status === "in_progress";
  const isAhead = due_at !== null && Date.parse(due_at) > now;
  return { ...task.output, remind_at: isOpen && isAhead ? due_at : null };
}
