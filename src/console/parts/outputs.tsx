// The outputs of an operation.
import type { VNode } from "preact";
import type { Processed } from "../../client";
import { formatBlock, formatValue } from "../format";

/** Rows shown at most: more would make the page slow. */
const MAX_ROWS = 100;

/** Pairs of input and output if the operation maps items, else the new list or the single value. */
export function Outputs({
  inputs,
  processed,
}: {
  inputs: readonly unknown[];
  processed: Processed;
}): VNode {
  const { processed_items: outputs, value, errors } = processed;
  const faults = new Map(errors.map(({ index, detail }) => [index, detail]));
  const isPaired = outputs?.length === inputs.length;
  return (
    <>
      {outputs === undefined ? (
        <pre class="value" tabIndex={0} role="region" aria-label="Value">
          {formatBlock(value)}
        </pre>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Outputs">
          <table>
            <thead>
              <tr>
                <th scope="col">{isPaired ? "Input" : "Place"}</th>
                <th scope="col">Output</th>
              </tr>
            </thead>
            <tbody>
              {outputs.slice(0, MAX_ROWS).map((output, index) => (
                // The index is a stable key, since outputs never change places.
                <tr key={index} class={isPaired && faults.has(index) ? "bad" : undefined}>
                  <td class={isPaired ? undefined : "whole"}>
                    {isPaired ? formatValue(inputs[index]) : index + 1}
                  </td>
                  <td>{(isPaired && faults.get(index)) || formatValue(output)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <Rest of={outputs ?? []} />
      {!isPaired && errors.length > 0 && (
        <ul class="fault">
          {errors.slice(0, MAX_ROWS).map(({ index, detail }) => (
            <li key={index}>
              Item {index + 1}: {detail}
            </li>
          ))}
        </ul>
      )}
      {!isPaired && <Rest of={errors} />}
    </>
  );
}

/** Tells how many rows are not shown, if any. */
function Rest({ of }: { of: readonly unknown[] }): VNode | null {
  return of.length <= MAX_ROWS ? null : <p class="hint">and {of.length - MAX_ROWS} more</p>;
}
