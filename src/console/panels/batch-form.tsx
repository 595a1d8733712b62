// The form of a new batch.
import type { TargetedInputEvent, VNode } from "preact";
import { type BatchDraft, type BatchKind, withKind } from "../batch-draft";
import { Field } from "../parts/field";
import { Options } from "../parts/options";
import { StepsEditor } from "../parts/steps-editor";
import { faultsAt, faultsWithin, type Problem } from "../problem";
import { useSession } from "../session";
import { BatchItems } from "./batch-items";

const KINDS: Record<BatchKind, string> = {
  "external-api": "Call each URL",
  operations: "Transform each item",
  users: "Sign each person up",
  tasks: "File each task",
};

interface Props {
  readonly draft: BatchDraft;
  /** The fault that keeps the items from being parsed; empty for none. */
  readonly fault: string;
  readonly problem: Problem | null;
  readonly isBusy: boolean;
  readonly onDraft: (draft: BatchDraft) => void;
  readonly onSubmit: () => void;
}

/** A form for the operation, the items and the options of a batch. */
export function BatchForm(props: Props): VNode {
  const { draft, fault, problem, isBusy, onDraft, onSubmit } = props;
  const { operations } = useSession();
  const submit = (event: Event): void => {
    event.preventDefault();
    onSubmit();
  };
  const perItem = (operations.value ?? []).filter(({ kind }) => kind === "item");
  return (
    <form onSubmit={submit} noValidate>
      <Field
        label="What to do"
        faults={draft.kind === "operations" ? [] : faultsAt(problem, "#/operation")}
      >
        <select
          value={draft.kind}
          onChange={({ currentTarget: { value } }) => {
            // The options of the select are exactly the kinds.
            onDraft(withKind(draft, value as BatchKind, location.origin));
          }}
        >
          {Object.entries(KINDS).map(([kind, label]) => (
            <option key={kind} value={kind}>
              {label}
            </option>
          ))}
        </select>
      </Field>
      {draft.kind === "operations" && (
        <StepsEditor
          steps={draft.steps}
          operations={perItem}
          problem={problem}
          onChange={(steps) => onDraft({ ...draft, steps })}
        />
      )}
      <BatchItems draft={draft} fault={fault} problem={problem} onDraft={onDraft} />
      <Limits {...props} />
      <div class="actions">
        <button type="submit" disabled={isBusy}>
          {isBusy ? "Storing…" : "Run the batch"}
        </button>
      </div>
    </form>
  );
}

const LIMITS = /^#\/(?:options|notify)\b/;

function Limits({ draft, problem, onDraft }: Props): VNode {
  const on =
    (name: "concurrency" | "maxAttempts" | "stopAfterFailures" | "notify") =>
    ({ currentTarget }: TargetedInputEvent<HTMLInputElement>): void =>
      onDraft({ ...draft, [name]: currentTarget.value });
  return (
    <Options problem={problem} pointers={LIMITS}>
      <div class="row">
        <Field label="At once" faults={faultsAt(problem, "#/options/concurrency")}>
          <input
            type="number"
            min="1"
            max="48"
            placeholder="6"
            value={draft.concurrency}
            onInput={on("concurrency")}
          />
        </Field>
        <Field label="Attempts" faults={faultsAt(problem, "#/options/max_attempts")}>
          <input
            type="number"
            min="1"
            max="10"
            placeholder="3"
            value={draft.maxAttempts}
            onInput={on("maxAttempts")}
          />
        </Field>
        <Field label="Max failures" faults={faultsAt(problem, "#/options/stop_after_failures")}>
          <input
            type="number"
            min="1"
            placeholder="any"
            value={draft.stopAfterFailures}
            onInput={on("stopAfterFailures")}
          />
        </Field>
      </div>
      <p class="hint">
        So many items are in flight at every moment, up to 48. Once so many have failed, the batch
        is cancelled.
      </p>
      <Field
        label="Channels to tell at the end"
        hint="Names of CHANNELS, separated by commas."
        faults={faultsWithin(problem, "#/notify")}
      >
        <input autocomplete="off" value={draft.notify} onInput={on("notify")} />
      </Field>
    </Options>
  );
}
