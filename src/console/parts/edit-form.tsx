// A form that changes a record where it is listed.
import type { VNode } from "preact";
import type { Problem } from "../problem";
import { useFaultFocus } from "../use-fault-focus";
import { useLatest } from "../use-latest";
import { ProblemNote } from "./problem-note";

/** Shows fields with buttons to save and to leave. A record that was changed since is refused, and said so. */
export function EditForm({
  pointers,
  save,
  onDone,
  children,
}: {
  /** Pointers of the faults that the fields tell themselves. */
  pointers: RegExp;
  save: (signal: AbortSignal) => Promise<unknown>;
  onDone: () => void;
  children: (problem: Problem | null) => VNode;
}): VNode {
  const [{ problem, isBusy }, start] = useLatest<null>();
  useFaultFocus(problem);
  const submit = (event: Event): void => {
    event.preventDefault();
    start(async (signal) => {
      await save(signal);
      onDone();
      return null;
    });
  };
  return (
    <form class="edit" noValidate onSubmit={submit}>
      {children(problem)}
      <ProblemNote problem={problem} atFields={pointers} />
      <div class="actions">
        <button type="submit" class="small" disabled={isBusy}>
          {isBusy ? "Saving…" : "Save"}
        </button>
        <button type="button" class="quiet small" onClick={onDone}>
          Leave it
        </button>
      </div>
    </form>
  );
}
