// The panel for tasks: files them, shows their deliveries, changes their status.
import type { VNode } from "preact";
import { useCallback, useState } from "preact/hooks";
import type { Task } from "../../client";
import { Panel } from "../parts/panel";
import { ProblemNote } from "../parts/problem-note";
import { TaskCard } from "../parts/task-card";
import { TaskList } from "../parts/task-list";
import { addRecent } from "../recent";
import { useSession } from "../session";
import { type Sent, toCode } from "../snippets";
import { useLatest } from "../use-latest";
import { EMPTY_TASK, TaskForm, toNewTask } from "./task-form";

/** The form of POST /tasks and the list of tasks. */
export function Tasks(): VNode {
  const { client } = useSession();
  const [draft, setDraft] = useState(EMPTY_TASK);
  const [{ isBusy, problem }, start] = useLatest<Task>();
  const [shown, setShown] = useState<Task | null>(null);
  const [recent, setRecent] = useState<readonly Task[]>([]);
  const [sent, setSent] = useState<Sent | null>(null);

  const file = (): void => {
    const body = toNewTask(draft);
    setSent({
      call: { method: "POST", path: "/tasks", body },
      code: `const task = await client.tasks.create(${toCode(body)});`,
    });
    start(async () => {
      const task = await client.tasks.create(body);
      setShown(task);
      setRecent((others) => addRecent(others, task));
      return task;
    });
  };
  const change = useCallback((task: Task, isNews: boolean, how: Sent | null): void => {
    setShown(task);
    if (how !== null) setSent(how);
    if (isNews) setRecent((others) => addRecent(others, task));
  }, []);
  return (
    <Panel
      title="File a task, tell the right people"
      endpoint="POST /tasks"
      about="The task and its notifications are stored together. The answer does not wait for any delivery; what fails is tried again for days."
      form={
        <TaskForm
          draft={draft}
          problem={problem}
          isBusy={isBusy}
          onDraft={setDraft}
          onSubmit={file}
        />
      }
      result={
        <>
          <ProblemNote problem={problem} />
          {shown !== null && <TaskCard key={shown.id} task={shown} onTask={change} />}
          <TaskList recent={recent} currentId={shown?.id ?? null} onPick={setShown} />
        </>
      }
      sent={sent}
    />
  );
}
