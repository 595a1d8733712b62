// Concurrent operations: a pipeline over a list, with a preview that keeps up with what is typed.
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Processed } from "../../client";
import { formatDuration } from "../format";
import { formatItems, parseItems } from "../items";
import { ItemsField } from "../parts/items-field";
import { Outputs } from "../parts/outputs";
import { Panel } from "../parts/panel";
import { ProblemNote } from "../parts/problem-note";
import type { Sent } from "../parts/sent-code";
import { StepsEditor } from "../parts/steps-editor";
import { useSession } from "../session";
import { toCode } from "../snippets";
import { createStep, type StepDraft, toOperation } from "../steps";
import { useLatest } from "../use-latest";

/** Typing goes on for a moment before it is worth asking. */
const PAUSE_MS = 200;

const SAMPLE_ITEMS = formatItems([
  "  Crème Brûlée ",
  "hello   WORLD",
  "serentak: all at once",
  "ŒUVRE d’art",
]);

interface Preview {
  readonly items: readonly unknown[];
  readonly processed: Processed;
}

/** POST /process-data by hand. */
export function Transform(): VNode {
  const { client, operations } = useSession();
  const [text, setText] = useState(SAMPLE_ITEMS);
  const [steps, setSteps] = useState<readonly StepDraft[]>(() => [
    createStep("collapse_whitespace"),
    createStep("titlecase"),
  ]);
  const [{ value, problem }, start] = useLatest<Preview>();
  const [sent, setSent] = useState<Sent | null>(null);

  const known = operations.value;
  const items = useMemo(() => parseItems(text), [text]);
  const operation = useMemo(() => known && toOperation(steps, known), [steps, known]);
  useEffect(() => {
    if ("fault" in items || items.length === 0 || operation === null) return undefined;
    const timer = setTimeout(() => {
      setSent(toSent(items, operation));
      start(async (signal) => {
        const processed = await client.processData(items, operation, { signal });
        return { items, processed };
      });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [client, items, operation, start]);

  const example = known?.find(({ name }) => name === steps[0]?.name)?.example;
  return (
    <Panel
      title="Transform a list"
      endpoint="POST /process-data"
      about="Every operation, alone or in a pipeline. The preview follows what you type."
      form={
        <form onSubmit={(event) => event.preventDefault()} noValidate>
          <ItemsField
            value={text}
            faults={"fault" in items ? [items.fault] : []}
            onChange={setText}
          />
          <StepsEditor
            steps={steps}
            operations={known ?? []}
            problem={problem}
            onChange={setSteps}
          />
          <div class="actions">
            <button
              type="button"
              class="quiet small"
              disabled={example === undefined}
              onClick={() => {
                if (example === undefined) return;
                setText(formatItems(example.input));
                setSteps([createStep(steps[0]?.name ?? "", parametersOfExample(example))]);
              }}
            >
              The example of {steps[0]?.name}
            </button>
          </div>
        </form>
      }
      result={
        <>
          <ProblemNote problem={problem ?? operations.problem} />
          {value !== null && (
            <section class="card" aria-label="Preview">
              <p role="status" class="status">
                {value.processed.original_count} items in{" "}
                {formatDuration(value.processed.duration_ms)}
              </p>
              <Outputs inputs={value.items} processed={value.processed} />
            </section>
          )}
        </>
      }
      sent={sent}
    />
  );
}

function parametersOfExample(example: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // The catalogue writes them as an object by name.
  return (example["parameters"] ?? {}) as Record<string, unknown>;
}

function toSent(items: readonly unknown[], operation: unknown): Sent {
  return {
    call: { method: "POST", path: "/process-data", body: { items, operation } },
    code: `const reply = await client.processData(${toCode(items)}, ${toCode(operation)});`,
  };
}
