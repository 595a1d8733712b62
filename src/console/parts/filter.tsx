// A select that narrows a list to the rows with one value.
import type { VNode } from "preact";
import { Field } from "./field";

/** Calls `onValue` with the chosen value, or undefined for any. */
export function Filter<Value extends string>({
  label,
  any,
  values,
  value,
  onValue,
}: {
  label: string;
  /** The choice that filters nothing, such as `any status`. */
  any: string;
  values: readonly Value[];
  value: Value | undefined;
  onValue: (value: Value | undefined) => void;
}): VNode {
  return (
    <Field label={label} isLabelHidden>
      <select
        class="small"
        value={value ?? ""}
        onChange={({ currentTarget }) => onValue(values.find((one) => one === currentTarget.value))}
      >
        <option value="">{any}</option>
        {values.map((one) => (
          <option key={one} value={one}>
            {one.replace("_", " ")}
          </option>
        ))}
      </select>
    </Field>
  );
}
