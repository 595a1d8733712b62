// Concurrent operations: a pipeline over a list, with a preview that keeps up with what is typed.
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Processed } from "../../client";
import { count, formatDuration } from "../format";
import { formatItems, parseItems } from "../items";
import { ItemsField } from "../parts/items-field";
import { Outputs } from "../parts/outputs";
import { Panel } from "../parts/panel";
import { readable } from "../parts/parameter-field";
import { ProblemNote } from "../parts/problem-note";
import { StepsEditor } from "../parts/steps-editor";
import { useSession } from "../session";
import { type Sent, toCode } from "../snippets";
import { createStep, missingParameters, type StepDraft, toOperation } from "../steps";
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
  readonly operation: unknown;
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
  const missing = useMemo(() => missingParameters(steps, known ?? []), [steps, known]);
  const isReady = !("fault" in items) && items.length > 0 && missing.length === 0;
  useEffect(() => {
    if (!isReady || operation === null) return undefined;
    const timer = setTimeout(() => {
      setSent(toSent(items, operation));
      start(async (signal) => {
        const processed = await client.processData(items, operation, { signal });
        return { items, operation, processed };
      });
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [client, items, operation, isReady, start]);

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
          {missing.length > 0 && <Waiting missing={missing} />}
          {value !== null && (
            <PreviewCard
              preview={value}
              isOutdated={value.items !== items || value.operation !== operation}
            />
          )}
        </>
      }
      sent={sent}
    />
  );
}

/** Nothing is asked before it can be answered. */
function Waiting({ missing }: { missing: ReturnType<typeof missingParameters> }): VNode {
  const names = missing.map(({ place, name }) => `“${readable(name)}” of step ${place}`);
  return (
    <p class="card hint" role="status">
      The preview waits for {names.join(", ")}.
    </p>
  );
}

/** The style sheet waits a moment before it shows that the preview lags behind what is typed. */
function PreviewCard({
  preview: { items, processed },
  isOutdated,
}: {
  preview: Preview;
  isOutdated: boolean;
}): VNode {
  const { original_count: length, duration_ms } = processed;
  // The clock of a Worker stands still while it only computes.
  const time = duration_ms > 0 ? ` in ${formatDuration(duration_ms)}` : "";
  return (
    <section class={isOutdated ? "card outdated" : "card"} aria-label="Preview">
      <p class="chips">
        <span role="status" class="status">
          {count(length, "item") + time}
        </span>
        {isOutdated && <span class="chip warn">of an earlier input</span>}
      </p>
      <Outputs inputs={items} processed={processed} />
    </section>
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
