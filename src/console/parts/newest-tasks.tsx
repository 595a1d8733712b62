// The newest tasks: searched, changed and deleted.
import type { VNode } from "preact";
import { useCallback, useEffect, useState } from "preact/hooks";
import type { Task, TaskSummary } from "../../client";
import { formatInstant } from "../format";
import { useSession } from "../session";
import { type TaskDraft, toDraft, toTaskChange } from "../task-draft";
import { useLatest } from "../use-latest";
import { EditForm } from "./edit-form";
import { ProblemNote } from "./problem-note";
import { RecordSearch } from "./record-search";
import { StatusChip } from "./task-card";
import { TASK_FIELDS, TaskFields } from "./task-fields";

const PAGE = 10;

/** The newest tasks. */
export function NewestTasks(): VNode {
  const { client } = useSession();
  const read = useCallback(
    async (q: string | undefined, cursor: string | undefined, signal: AbortSignal) => {
      const page = await client.tasks.page({ q, cursor, limit: PAGE }, { signal });
      return { items: page.tasks, next: page.next_cursor };
    },
    [client],
  );
  return (
    <RecordSearch<TaskSummary>
      title="Newest tasks"
      kind="tasks"
      empty="No task was filed yet."
      read={read}
      remove={({ id }, signal) => client.tasks.remove(id, { signal })}
      nameOf={({ title }) => title}
      editor={({ id }, onDone) => <TaskEditor id={id} onDone={onDone} />}
    >
      {({ title, status, priority, due_at, created_at }) => (
        <p class="chips">
          <StatusChip status={status} />
          <strong dir="auto">{title}</strong>
          <span class="hint">
            {priority} · {formatInstant(created_at)}
            {due_at !== null && ` · due ${formatInstant(due_at)}`}
          </span>
        </p>
      )}
    </RecordSearch>
  );
}

/** Reads the task, as lists lack its description, and shows its form. */
function TaskEditor({ id, onDone }: { id: string; onDone: () => void }): VNode {
  const { client } = useSession();
  const [{ value, problem }, start] = useLatest<Task>();
  useEffect(() => start((signal) => client.tasks.get(id, { signal })), [client, id, start]);
  if (value === null) return <ProblemNote problem={problem} />;
  return <TaskEditForm task={value} onDone={onDone} />;
}

function TaskEditForm({ task, onDone }: { task: Task; onDone: () => void }): VNode {
  const { client } = useSession();
  const [draft, setDraft] = useState<TaskDraft>(() => toDraft(task));
  return (
    <EditForm
      pointers={TASK_FIELDS}
      onDone={onDone}
      save={(signal) =>
        client.tasks.update(task.id, toTaskChange(task, draft), {
          ifVersion: task.version,
          signal,
        })
      }
    >
      {(problem) => <TaskFields draft={draft} problem={problem} task={task} onDraft={setDraft} />}
    </EditForm>
  );
}
