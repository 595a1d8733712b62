// An editor for a pipeline of operations.
import type { VNode } from "preact";
import type { OperationInfo } from "../../client";
import { faultsAt, type Problem } from "../problem";
import { createStep, parametersOf, type StepDraft } from "../steps";
import { useFocus } from "../use-focus";
import { OperationPicker } from "./operation-picker";
import { ParameterField } from "./parameter-field";

const MAX_STEPS = 10;

interface Props {
  readonly steps: readonly StepDraft[];
  readonly operations: readonly OperationInfo[];
  /** The refusal, whose faults are shown at their steps. */
  readonly problem: Problem | null;
  readonly onChange: (steps: readonly StepDraft[]) => void;
}

/** The steps in order, at least one. */
export function StepsEditor({ steps, operations, problem, onChange }: Props): VNode {
  const [list, focus] = useFocus<HTMLDivElement>();
  const focusStep = (place: number): void => focus(`li:nth-child(${place}) select`);
  const change = (index: number, changed: readonly StepDraft[]): void => {
    onChange(steps.toSpliced(index, 1, ...changed));
    // Focuses the step that moves into the removed one's place, or the last step.
    if (changed.length === 0) focusStep(Math.min(index + 1, steps.length - 1));
  };
  const moveUp = (index: number): void => {
    onChange(swapped(steps, index));
    // The first step has no button to move up, so its select gets the focus instead.
    focus(`li:nth-child(${index}) .up`, `li:nth-child(${index}) select`);
  };
  return (
    <div class="steps" ref={list}>
      <ol>
        {steps.map((step, index) => (
          <li key={step.key}>
            <Step
              step={step}
              place={index + 1}
              operations={operations}
              problem={problem}
              pointer={steps.length === 1 ? "#/operation" : `#/operation/${index}`}
              onChange={(changed) => change(index, changed)}
              onUp={index > 0 ? () => moveUp(index) : null}
              isOnly={steps.length === 1}
            />
          </li>
        ))}
      </ol>
      <button
        type="button"
        class="quiet small"
        disabled={steps.length >= MAX_STEPS}
        onClick={() => {
          onChange([...steps, createStep("trim")]);
          focusStep(steps.length + 1);
        }}
      >
        Add a step
      </button>
    </div>
  );
}

function swapped(steps: readonly StepDraft[], index: number): StepDraft[] {
  const [one, other] = steps.slice(index - 1, index + 1);
  return one && other ? steps.toSpliced(index - 1, 2, other, one) : [...steps];
}

function Step({
  step,
  place,
  operations,
  problem,
  pointer,
  onChange,
  onUp,
  isOnly,
}: {
  step: StepDraft;
  place: number;
  operations: readonly OperationInfo[];
  problem: Problem | null;
  pointer: string;
  /** Replaces the step; an empty list removes it. */
  onChange: (changed: StepDraft[]) => void;
  onUp: (() => void) | null;
  isOnly: boolean;
}): VNode {
  const info = operations.find(({ name }) => name === step.name);
  const { schemas, required } = parametersOf(info);
  return (
    <fieldset class="step">
      <legend class="unseen">Step {place}</legend>
      <div class="with-button">
        <OperationPicker
          place={place}
          name={step.name}
          operations={operations}
          faults={faultsAt(problem, pointer)}
          onName={(name) => onChange([{ ...createStep(name), key: step.key }])}
        />
        {onUp !== null && (
          <button
            type="button"
            class="quiet icon up"
            aria-label={`Move step ${place} up`}
            onClick={onUp}
          >
            ↑
          </button>
        )}
        {!isOnly && (
          <button
            type="button"
            class="quiet icon"
            aria-label={`Remove step ${place}`}
            onClick={() => onChange([])}
          >
            ×
          </button>
        )}
      </div>
      <div class="parameters">
        {Object.entries(schemas).map(([name, schema]) => (
          <ParameterField
            key={name}
            name={name}
            schema={schema}
            isRequired={required.includes(name)}
            value={step.values[name]}
            faults={faultsAt(problem, `${pointer}/${name}`)}
            onChange={(value) => onChange([{ ...step, values: { ...step.values, [name]: value } }])}
          />
        ))}
      </div>
    </fieldset>
  );
}
