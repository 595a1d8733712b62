// The panel for operations: a pipeline over a list, with a live preview.
import type { VNode } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { OperationInfo, Processed } from "../../client";
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

/** Milliseconds of no typing after which the preview is requested. */
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

/** Pointers of the faults that are told at steps and their parameters. */
const STEP_FIELDS = /^#\/operation(?:\/\d+)?(?:\/[a-z_]+)?$/;

/** The form of POST /process-data with its preview. */
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
          <ProblemNote problem={problem ?? operations.problem} atFields={STEP_FIELDS} />
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

/** Shown in place of the preview while required parameters are empty. */
function Waiting({ missing }: { missing: ReturnType<typeof missingParameters> }): VNode {
  const names = missing.map(({ place, name }) => `“${readable(name)}” of step ${place}`);
  return (
    <p class="card hint" role="status">
      The preview waits for {names.join(", ")}.
    </p>
  );
}

/** The result. While a newer one is loading it is dimmed, after a moment's delay in the style sheet. */
function PreviewCard({
  preview: { items, processed },
  isOutdated,
}: {
  preview: Preview;
  isOutdated: boolean;
}): VNode {
  const { original_count: length, duration_ms } = processed;
  // The clock of a Worker stands still while it computes, so short runs report 0 ms.
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

function parametersOfExample({ operation }: OperationInfo["example"]): Record<string, unknown> {
  // An example is one step: a name, or an object of the name and the parameters.
  const { name: _, ...parameters } = Object(operation) as Record<string, unknown>;
  return typeof operation === "string" ? {} : parameters;
}

function toSent(items: readonly unknown[], operation: unknown): Sent {
  return {
    call: { method: "POST", path: "/process-data", body: { items, operation } },
    code: `const reply = await client.processData(${toCode(items)}, ${toCode(operation)});`,
  };
}
