// A labelled control with a hint and its faults.
import { cloneElement, type HTMLAttributes, type VNode } from "preact";
import { useId } from "preact/hooks";
import { Marked } from "./marked";

/** Faults above which their list scrolls, and can be focused to scroll it by keyboard. */
export const MAX_FAULTS_IN_SIGHT = 8;

/** Adds the attributes that tie the control to its label, hint and faults. */
export function Field({
  label,
  hint,
  faults = [],
  isLabelHidden = false,
  children,
}: {
  label: string;
  hint?: string | undefined;
  faults?: readonly string[];
  isLabelHidden?: boolean;
  children: VNode<HTMLAttributes>;
}): VNode {
  const id = useId();
  const [hintId, faultId] = [`${id}-hint`, `${id}-fault`];
  const describedBy = [hint && hintId, faults.length > 0 && faultId].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id} class={isLabelHidden ? "unseen" : undefined}>
        {label}
      </label>
      {cloneElement(children, {
        id,
        ...(describedBy !== "" && { "aria-describedby": describedBy }),
        ...(faults.length > 0 && { "aria-invalid": true }),
      })}
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          <Marked text={hint} />
        </p>
      )}
      {faults.length > 0 && (
        <ul
          class="fault"
          id={faultId}
          tabIndex={faults.length > MAX_FAULTS_IN_SIGHT ? 0 : undefined}
        >
          {faults.map((fault) => (
            <li key={fault}>{fault}</li>
          ))}
        </ul>
      )}
    </div>
  );
}
