// The list of tasks.
import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { Task, TaskSummary } from "../../client";
import { keysOf } from "../keys-of";
import { useSession } from "../session";
import { useLatest } from "../use-latest";
import { usePages } from "../use-pages";
import { Filter } from "./filter";
import { ListCard } from "./list-card";
import { ProblemNote } from "./problem-note";
import { StatusChip, TASK_TONES } from "./task-card";

const PAGE_TASKS = 20;

/** The list of tasks, for holders of a token; reloaded whenever `news` changes. */
export function TaskList({
  news,
  currentId,
  onPick,
}: {
  news: unknown;
  currentId: string | null;
  onPick: (task: Task) => void;
}): VNode {
  const { client } = useSession();
  const [status, setStatus] = useState<TaskSummary["status"]>();
  const [{ problem }, start] = useLatest<null>();
  const read = useCallback(
    async (cursor: string | undefined, signal: AbortSignal) => {
      const query = { limit: PAGE_TASKS, cursor, ...(status && { status }) };
      const page = await client.tasks.page(query, { signal });
      return { items: page.tasks, next: page.next_cursor };
    },
    [client, status],
  );
  const pages = usePages(read, news);

  const pick = (id: string): void =>
    start(async (signal) => {
      onPick(await client.tasks.get(id, { signal }));
      return null;
    });
  return (
    <ListCard
      title="Filed tasks"
      empty={status ? "No task is in this state." : "No task was filed yet."}
      actions={
        <Filter
          label="State of the listed tasks"
          any="any state"
          values={keysOf(TASK_TONES)}
          value={status}
          onValue={setStatus}
        />
      }
      {...pages}
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
                  <span class="name" dir="auto">
                    {title}
                  </span>
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
