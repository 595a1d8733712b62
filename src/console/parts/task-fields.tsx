// The fields of a task, as a form has them.
import type { TargetedEvent, VNode } from "preact";
import type { Task } from "../../client";
import { faultsAt, faultsWithin, type Problem } from "../problem";
import { NEXT, PRIORITIES, type TaskDraft } from "../task-draft";
import { Field } from "./field";

/** Pointers of the faults that are told at these fields. */
export const TASK_FIELDS =
  /^#\/(?:title|description|priority|status|due_at|assignee_id|notify(?:\/\d+)?)$/;

/** Fields of a new task, with the channels to tell; or of a task that is there, with its status. */
export function TaskFields({
  draft,
  problem,
  task = null,
  onDraft,
}: {
  draft: TaskDraft;
  problem: Problem | null;
  task?: Task | null;
  onDraft: (draft: TaskDraft) => void;
}): VNode {
  const on =
    (name: keyof TaskDraft) =>
    ({
      currentTarget: { value },
    }: TargetedEvent<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>): void =>
      onDraft({ ...draft, [name]: value });
  return (
    <>
      <Field label="Title" faults={faultsAt(problem, "#/title")}>
        <input autocomplete="off" dir="auto" value={draft.title} onInput={on("title")} />
      </Field>
      <Field label="Description (optional)" faults={faultsAt(problem, "#/description")}>
        <textarea rows={2} dir="auto" value={draft.description} onInput={on("description")} />
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
      {task === null ? (
        <Field
          label="Channels to tell (optional)"
          hint="Names of CHANNELS, besides those that subscribe to task.created."
          faults={faultsWithin(problem, "#/notify")}
        >
          <input
            autocomplete="off"
            spellcheck={false}
            value={draft.notify}
            onInput={on("notify")}
          />
        </Field>
      ) : (
        <Field label="Status" faults={faultsAt(problem, "#/status")}>
          <select value={draft.status} onChange={on("status")}>
            {[task.status, ...NEXT[task.status]].map((status) => (
              <option key={status} value={status}>
                {status.replace("_", " ")}
              </option>
            ))}
          </select>
        </Field>
      )}
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
    </>
  );
}
