// The panel for tasks: files them, shows their deliveries, changes their status.
import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { Task } from "../../client";
import { Panel } from "../parts/panel";
import { ProblemNote } from "../parts/problem-note";
import { TaskCard } from "../parts/task-card";
import { TASK_FIELDS, TaskFields } from "../parts/task-fields";
import { TaskList } from "../parts/task-list";
import { TokenGate } from "../parts/token-gate";
import { isLocal, useSession } from "../session";
import { type Sent, toCode } from "../snippets";
import { EMPTY_TASK, type TaskDraft, toNewTask } from "../task-draft";
import { useFaultFocus } from "../use-fault-focus";
import { useLatest } from "../use-latest";

const SAMPLE: TaskDraft = {
  ...EMPTY_TASK,
  title: "Call the printer back",
  description: "They ask:\n- which paper?\n- how many copies?",
  priority: "high",
};

/** The form of POST /tasks and the list of tasks. */
export function Tasks(): VNode {
  const { client } = useSession();
  const [draft, setDraft] = useState(EMPTY_TASK);
  const [{ isBusy, problem }, start] = useLatest<Task>();
  const [shown, setShown] = useState<Task | null>(null);
  const [news, setNews] = useState(0);
  const [sent, setSent] = useState<Sent | null>(null);

  useFaultFocus(problem);
  const file = (wanted: TaskDraft): void => {
    setDraft(wanted);
    const body = toNewTask(wanted);
    setSent({
      call: { method: "POST", path: "/tasks", body },
      code: `const task = await client.tasks.create(${toCode(body)});`,
    });
    start(async () => {
      const task = await client.tasks.create(body);
      setShown(task);
      setNews((times) => times + 1);
      return task;
    });
  };
  const change = useCallback((task: Task, isNews: boolean, how: Sent | null): void => {
    setShown(task);
    if (how !== null) setSent(how);
    if (isNews) setNews((times) => times + 1);
  }, []);
  return (
    <Panel
      title="File a task, tell the right people"
      endpoint="POST /tasks"
      about="The task and its notifications are stored together. The answer does not wait for any delivery; what fails is tried again for days."
      form={
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            file(draft);
          }}
        >
          <TaskFields draft={draft} problem={problem} onDraft={setDraft} />
          <div class="actions">
            <button type="submit" disabled={isBusy}>
              {isBusy ? "Filing…" : "File the task"}
            </button>
            {isLocal() && (
              <button type="button" class="quiet" disabled={isBusy} onClick={() => file(SAMPLE)}>
                Try a sample
              </button>
            )}
          </div>
        </form>
      }
      result={
        <>
          <ProblemNote problem={problem} atFields={TASK_FIELDS} />
          {shown !== null && <TaskCard key={shown.id} task={shown} onTask={change} />}
          <TokenGate>
            <TaskList news={news} currentId={shown?.id ?? null} onPick={setShown} />
          </TokenGate>
        </>
      }
      sent={sent}
    />
  );
}
