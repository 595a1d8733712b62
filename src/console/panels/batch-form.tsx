// The form of a new batch.
import type { TargetedInputEvent, VNode } from "preact";
import { useState } from "preact/hooks";
import { type BatchDraft, type BatchKind, sampleItems } from "../batch-draft";
import { Field } from "../parts/field";
import { ItemsField } from "../parts/items-field";
import { StepsEditor } from "../parts/steps-editor";
import { faultsAt, type Problem } from "../problem";
import { useSession } from "../session";

const KINDS: Record<BatchKind, string> = {
  "external-api": "Call each URL",
  operations: "Transform each item",
  users: "Sign each person up",
  tasks: "File each task",
};

interface Props {
  readonly draft: BatchDraft;
  /** What keeps the items from being read. */
  readonly fault: string;
  readonly problem: Problem | null;
  readonly isBusy: boolean;
  readonly onDraft: (draft: BatchDraft) => void;
  readonly onSubmit: () => void;
}

/** What to do, with which items, and how. */
export function BatchForm(props: Props): VNode {
  const { draft, problem, isBusy, onDraft, onSubmit } = props;
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
            // The options are the kinds, and there are no others.
            const kind = value as BatchKind;
            onDraft({ ...draft, kind, items: sampleItems(kind, 200) });
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
      <Items {...props} />
      <Limits {...props} />
      <div class="actions">
        <button type="submit" disabled={isBusy}>
          {isBusy ? "Storing…" : "Run the batch"}
        </button>
      </div>
    </form>
  );
}

function Items({ draft, fault, problem, onDraft }: Props): VNode {
  const [samples, setSamples] = useState("200");
  const faults = fault === "" ? faultsAt(problem, "#/items") : [fault];
  return (
    <>
      {draft.file === null && (
        <>
          <ItemsField
            value={draft.items}
            faults={faults}
            onChange={(items) => onDraft({ ...draft, items })}
          />
          <div class="with-button samples">
            <Field label="Number of samples" isLabelHidden>
              <input
                type="number"
                min="1"
                max="10000"
                value={samples}
                onInput={({ currentTarget }) => setSamples(currentTarget.value)}
              />
            </Field>
            <button
              type="button"
              class="quiet"
              onClick={() =>
                onDraft({ ...draft, items: sampleItems(draft.kind, toCount(samples)) })
              }
            >
              Fill with samples
            </button>
          </div>
        </>
      )}
      <Field
        label="Or a file"
        hint="NDJSON or CSV, up to 100,000 items."
        faults={draft.file === null ? [] : faults}
      >
        <input
          type="file"
          accept=".ndjson,.jsonl,.csv"
          onChange={({ currentTarget: { files } }) =>
            onDraft({ ...draft, file: files?.[0] ?? null })
          }
        />
      </Field>
    </>
  );
}

const MAX_SAMPLES = 10_000;

function toCount(text: string): number {
  return Math.min(Math.max(Math.trunc(Number(text)) || 1, 1), MAX_SAMPLES);
}

function Limits({ draft, problem, onDraft }: Props): VNode {
  const on =
    (name: "concurrency" | "maxAttempts" | "stopAfterFailures" | "notify") =>
    ({ currentTarget }: TargetedInputEvent<HTMLInputElement>): void =>
      onDraft({ ...draft, [name]: currentTarget.value });
  return (
    <details class="options">
      <summary>Options</summary>
      <div class="row">
        <Field label="At once" faults={faultsAt(problem, "#/options/concurrency")}>
          <input
            type="number"
            min="1"
            max="6"
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
        <Field
          label="Stop after failures"
          faults={faultsAt(problem, "#/options/stop_after_failures")}
        >
          <input
            type="number"
            min="1"
            placeholder="never"
            value={draft.stopAfterFailures}
            onInput={on("stopAfterFailures")}
          />
        </Field>
      </div>
      <Field label="Channels to tell at the end" hint="Names of CHANNELS, separated by commas.">
        <input autocomplete="off" value={draft.notify} onInput={on("notify")} />
      </Field>
    </details>
  );
}
