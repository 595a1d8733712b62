// The form of POST /tasks.
import type { TargetedEvent, VNode } from "preact";
import type { NewTask } from "../../client";
import { Field } from "../parts/field";
import { faultsAt, faultsWithin, type Problem } from "../problem";

/** The values of the form. */
export interface TaskDraft {
  readonly title: string;
  readonly description: string;
  readonly priority: string;
  readonly assignee: string;
  /** Value of a `datetime-local` field, in the browser's time zone. */
  readonly due: string;
  /** Channels, separated by commas or spaces. */
  readonly notify: string;
}

/** The values of an empty form. */
export const EMPTY_TASK: TaskDraft = {
  title: "",
  description: "",
  priority: "medium",
  assignee: "",
  due: "",
  notify: "",
};

const PRIORITIES = ["low", "medium", "high", "urgent"] as const;

/** Converts the form to the body of POST /tasks, without empty fields. */
export function toNewTask(draft: TaskDraft): NewTask {
  const { title, description, assignee, due, notify } = draft;
  const priority = PRIORITIES.find((one) => one === draft.priority) ?? "medium";
  const channels = notify.split(/[\s,]+/).filter((name) => name !== "");
  return {
    title,
    ...(description !== "" && { description }),
    priority,
    ...(assignee !== "" && { assignee_id: assignee.trim() }),
    ...(due !== "" && { due_at: new Date(due).toISOString() }),
    ...(channels.length > 0 && { notify: channels }),
  };
}

/** A form for a task and the channels to notify. */
export function TaskForm({
  draft,
  problem,
  isBusy,
  onDraft,
  onSubmit,
}: {
  draft: TaskDraft;
  problem: Problem | null;
  isBusy: boolean;
  onDraft: (draft: TaskDraft) => void;
  onSubmit: () => void;
}): VNode {
  const on =
    (name: keyof TaskDraft) =>
    ({
      currentTarget: { value },
    }: TargetedEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>): void =>
      onDraft({ ...draft, [name]: value });
  const submit = (event: Event): void => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form onSubmit={submit} noValidate>
      <Field label="Title" faults={faultsAt(problem, "#/title")}>
        <input autocomplete="off" value={draft.title} onInput={on("title")} />
      </Field>
      <Field label="Description (optional)" faults={faultsAt(problem, "#/description")}>
        <textarea rows={2} value={draft.description} onInput={on("description")} />
      </Field>
      <div class="row dated">
        <Field label="Priority" faults={faultsAt(problem, "#/priority")}>
          <select value={draft.priority} onChange={on("priority")}>
            {PRIORITIES.map((priority) => (
              <option key={priority}>{priority}</option>
            ))}
          </select>
        </Field>
        <Field label="Due (optional)" faults={faultsAt(problem, "#/due_at")}>
          <input type="datetime-local" value={draft.due} onInput={on("due")} />
        </Field>
      </div>
      <Field
        label="Channels to tell (optional)"
        hint="Names of CHANNELS, besides those that subscribe to task.created."
        faults={faultsWithin(problem, "#/notify")}
      >
        <input autocomplete="off" spellcheck={false} value={draft.notify} onInput={on("notify")} />
      </Field>
      <Field
        label="Assignee (optional)"
        hint="A user's id."
        faults={faultsAt(problem, "#/assignee_id")}
      >
        <input
          class="code"
          autocomplete="off"
          spellcheck={false}
          value={draft.assignee}
          onInput={on("assignee")}
        />
      </Field>
      <div class="actions">
        <button type="submit" disabled={isBusy}>
          {isBusy ? "Filing…" : "File the task"}
        </button>
      </div>
    </form>
  );
}
