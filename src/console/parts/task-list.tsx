// The list of tasks.
import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Task, TaskSummary } from "../../client";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { usePages } from "../use-pages";
import { Field } from "./field";
import { ListCard } from "./list-card";
import { ProblemNote } from "./problem-note";
import { StatusChip } from "./task-card";

const PAGE_TASKS = 20;
const STATUSES = ["pending", "in_progress", "done", "cancelled"] as const;

/** The list of tasks, reloaded at each change. `recent` are those filed or changed on this page. */
export function TaskList({
  recent,
  currentId,
  onPick,
}: {
  recent: readonly Task[];
  currentId: string | null;
  onPick: (task: Task) => void;
}): VNode {
  const { client, token } = useSession();
  const [status, setStatus] = useState("");
  const [{ problem }, start] = useLatest<null>();
  const read = useMemo(() => {
    if (token === "") return null;
    const wanted = STATUSES.find((one) => one === status);
    return async (cursor: string | undefined, signal: AbortSignal) => {
      const query = { limit: PAGE_TASKS, cursor, ...(wanted && { status: wanted }) };
      const page = await client.tasks.page(query, { signal });
      return { items: page.tasks, next: page.next_cursor };
    };
  }, [client, token, status]);
  const pages = usePages(read, recent);

  const pick = (id: string): void =>
    start(async (signal) => {
      onPick(await client.tasks.get(id, { signal }));
      return null;
    });
  return (
    <ListCard
      title="Filed tasks"
      empty="No task is in this state."
      hasToken={token !== ""}
      actions={
        <Field label="State of the listed tasks" isLabelHidden>
          <select
            class="small"
            value={status}
            onChange={({ currentTarget }) => setStatus(currentTarget.value)}
          >
            <option value="">any state</option>
            {STATUSES.map((one) => (
              <option key={one} value={one}>
                {one.replace("_", " ")}
              </option>
            ))}
          </select>
        </Field>
      }
      {...pages}
      recent={status === "" ? recent : recent.filter((task) => task.status === status)}
    >
      {(tasks: readonly TaskSummary[]) => (
        <>
          <ProblemNote problem={problem} />
          <ul class="tasks">
            {tasks.map(({ id, title, priority, status: state }) => (
              <li key={id}>
                <button
                  type="button"
                  class="pick"
                  aria-pressed={id === currentId}
                  onClick={() => pick(id)}
                >
                  <span class="name">{title}</span>
                  <span class="hint">{priority}</span>
                  <StatusChip status={state} />
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </ListCard>
  );
}
