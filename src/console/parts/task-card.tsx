// A task: its status, buttons to change it, and its notifications.
import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import type { Notification, Task } from "../../client";
import { count, formatInstant, formatValue } from "../format";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { NEXT } from "../task-draft";
import { DELIVERY_TONES } from "./notification-list";
import { ProblemNote } from "./problem-note";
import type { Sent } from "../snippets";

type Status = Task["status"];

const LABELS = {
  pending: "Pending",
  in_progress: "Start",
  done: "Done",
  cancelled: "Cancel",
} as const;

/** Colours of the chips of each status. */
export const TASK_TONES = {
  pending: "neutral",
  in_progress: "live",
  done: "ok",
  cancelled: "bad",
} as const;

const MIN_LOOK_MS = 700;
const MAX_LOOK_MS = 30_000;
const LOOK_AGAIN_MS = 2000;

interface Props {
  readonly task: Task;
  /** `isNews` is true if the task itself has changed, and not only the state of its deliveries. */
  readonly onTask: (task: Task, isNews: boolean, how: Sent | null) => void;
}

/** Shows a task, and reloads it while a delivery is pending. */
export function TaskCard({ task, onTask }: Props): VNode {
  const { client, token } = useSession();
  const [{ isBusy, problem }, start] = useLatest<null>();
  const hasToken = token !== "";
  useDeliveries(task, onTask);

  const move = (status: Status): void =>
    start(async () => {
      const body = { status };
      const changed = await client.tasks.update(task.id, body, { ifVersion: task.version });
      onTask(changed, true, {
        call: {
          method: "PATCH",
          path: `/tasks/${task.id}`,
          body,
          headers: { "If-Match": `"${task.version}"` },
        },
        code: `const task = await client.tasks.update("${task.id}", { status: "${status}" }, { ifVersion: ${task.version} });`,
      });
      return null;
    });
  const resend = ({ id }: Notification): void =>
    start(async () => {
      await client.notifications.resend(id);
      onTask(await client.tasks.get(task.id), false, {
        call: { method: "POST", path: `/notifications/${id}/resend` },
        code: `await client.notifications.resend("${id}");`,
      });
      return null;
    });
  return (
    <section class="card task" aria-label={`Task ${task.title}`}>
      <h3 dir="auto">{task.title}</h3>
      <p class="chips" role="status">
        <StatusChip status={task.status} />
        <span class="chip neutral">{task.priority}</span>
        {task.due_at !== null && <span class="hint">due {formatInstant(task.due_at)}</span>}
        <span class="hint">version {task.version}</span>
      </p>
      {task.description !== null && (
        <p class="description" dir="auto">
          {task.description}
        </p>
      )}
      <Fields task={task} />
      {hasToken && NEXT[task.status].length > 0 && (
        <div class="actions">
          {NEXT[task.status].map((status) => (
            <button
              key={status}
              type="button"
              class="quiet"
              disabled={isBusy}
              onClick={() => move(status)}
            >
              {LABELS[status]}
            </button>
          ))}
        </div>
      )}
      <ProblemNote problem={problem} />
      <Deliveries task={task} onResend={hasToken && !isBusy ? resend : null} />
      {!hasToken && <p class="hint">With a token you can watch its deliveries and change it.</p>}
    </section>
  );
}

/** Whom to answer, and the fields of a form that are none of a task's own. */
function Fields({ task: { reply_to, metadata } }: { task: Task }): VNode | null {
  const fields = Object.entries(metadata);
  if (reply_to === null && fields.length === 0) return null;
  return (
    <dl class="fields">
      {reply_to !== null && (
        <div>
          <dt>reply to</dt>
          <dd dir="auto">
            <a href={`mailto:${encodeURIComponent(reply_to)}`}>{reply_to}</a>
          </dd>
        </div>
      )}
      {fields.map(([name, value]) => (
        <div key={name}>
          <dt dir="auto">{name}</dt>
          <dd dir="auto">{formatValue(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The status of a task, in its colour. */
export function StatusChip({ status }: { status: Status }): VNode {
  return <span class={`chip ${TASK_TONES[status]}`}>{status.replace("_", " ")}</span>;
}

/** Reloads the task when the next delivery attempt should be over. */
function useDeliveries(task: Task, onTask: Props["onTask"]): void {
  const { client, token } = useSession();
  useEffect(() => {
    const pending = task.notifications.filter(({ status }) => status === "pending");
    if (token === "" || pending.length === 0) return undefined;
    let timer = 0;
    const look = async (): Promise<void> => {
      const read = await client.tasks.get(task.id).catch(() => null);
      // A task that was filed a moment ago may not be readable yet.
      if (read === null) timer = window.setTimeout(() => void look(), LOOK_AGAIN_MS);
      else onTask(read, false, null);
    };
    timer = window.setTimeout(() => void look(), untilNext(pending));
    return () => clearTimeout(timer);
  }, [client, token, task, onTask]);
}

/** Milliseconds until the next of these attempts. */
function untilNext(pending: readonly Notification[]): number {
  const dueIn = pending.map(({ next_attempt_at }) =>
    next_attempt_at === null ? 0 : Date.parse(next_attempt_at) - Date.now(),
  );
  return Math.min(Math.max(Math.min(...dueIn), MIN_LOOK_MS), MAX_LOOK_MS);
}

function Deliveries({
  task: { notifications },
  onResend,
}: {
  task: Task;
  onResend: ((notification: Notification) => void) | null;
}): VNode {
  if (notifications.length === 0) return <p class="hint">Nobody is told of this task.</p>;
  return (
    <ul class="deliveries" aria-label="Notifications" aria-live="polite">
      {notifications.map((notification) => (
        <li key={notification.id}>
          <span class={`chip ${DELIVERY_TONES[notification.status]}`}>{notification.status}</span>
          <span>
            <strong>{notification.channel}</strong> {notification.event}
          </span>
          <span class="hint">{describe(notification)}</span>
          {onResend !== null && notification.status !== "pending" && (
            <button type="button" class="quiet small" onClick={() => onResend(notification)}>
              Resend
              <span class="unseen">
                {" "}
                {notification.event} to {notification.channel}
              </span>
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function describe({ attempts, http_status, error, status, next_attempt_at }: Notification): string {
  const facts = [count(attempts, "attempt")];
  if (http_status !== null) facts.push(`status ${http_status}`);
  else if (error !== null) facts.push(error.code);
  if (status === "pending" && attempts > 0 && next_attempt_at !== null)
    facts.push(`again at ${formatInstant(next_attempt_at)}`);
  return facts.join(" · ");
}
