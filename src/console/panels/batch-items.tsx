// A field for the items of a new batch: typed, generated, or a file.
import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { type BatchDraft, sampleItems } from "../batch-draft";
import { Field } from "../parts/field";
import { ItemsField } from "../parts/items-field";
import { faultsWithin, type Problem } from "../problem";
import { useFocus } from "../use-focus";

interface Props {
  readonly draft: BatchDraft;
  /** The fault that keeps the items from being parsed; empty for none. */
  readonly fault: string;
  readonly problem: Problem | null;
  readonly onDraft: (draft: BatchDraft) => void;
}

/** The field for the items, or the chosen file. */
export function BatchItems({ draft, fault, problem, onDraft }: Props): VNode {
  const [box, focus] = useFocus<HTMLDivElement>();
  const faults = fault === "" ? faultsWithin(problem, "#/items") : [fault];
  const removeFile = (): void => {
    const field = box.current?.querySelector<HTMLInputElement>("input[type=file]");
    if (field) field.value = "";
    onDraft({ ...draft, file: null });
    focus("textarea");
  };
  return (
    <div class="items" ref={box}>
      {draft.file === null && (
        <>
          <ItemsField
            value={draft.items}
            faults={faults}
            onChange={(items) => {
              const areSamples = draft.areSamples && items.format !== draft.items.format;
              onDraft({ ...draft, items, areSamples });
            }}
          />
          <Samples draft={draft} onDraft={onDraft} />
        </>
      )}
      <Field
        label="Or a file"
        hint="NDJSON or CSV, up to a million items."
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
      {draft.file !== null && (
        <button type="button" class="quiet small" onClick={removeFile}>
          Remove the file
        </button>
      )}
    </div>
  );
}

function Samples({ draft, onDraft }: Pick<Props, "draft" | "onDraft">): VNode {
  const [length, setLength] = useState("200");
  return (
    <div class="with-button samples">
      <Field label="Number of samples" isLabelHidden>
        <input
          type="number"
          min="1"
          max="10000"
          value={length}
          onInput={({ currentTarget }) => setLength(currentTarget.value)}
        />
      </Field>
      <button
        type="button"
        class="quiet"
        onClick={() => {
          const items = sampleItems(draft.kind, toCount(length), location.origin);
          onDraft({ ...draft, items, areSamples: true });
        }}
      >
        Fill with samples
      </button>
    </div>
  );
}

const MAX_SAMPLES = 10_000;

function toCount(text: string): number {
  return Math.min(Math.max(Math.trunc(Number(text)) || 1, 1), MAX_SAMPLES);
}
