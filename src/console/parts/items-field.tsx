// A field for a list of items.
import type { VNode } from "preact";
import { convertItems, type ItemsText } from "../items";
import { Field } from "./field";

/** A text area and the choice of its format. */
export function ItemsField({
  value,
  faults,
  onChange,
}: {
  value: ItemsText;
  faults: readonly string[];
  onChange: (value: ItemsText) => void;
}): VNode {
  return (
    <div class="items">
      <Field label="Items" faults={faults}>
        <textarea
          class="code"
          rows={6}
          spellcheck={false}
          value={value.text}
          onInput={({ currentTarget }) => onChange({ ...value, text: currentTarget.value })}
        />
      </Field>
      <fieldset class="choice">
        <legend class="unseen">How the items are written</legend>
        <label>
          <input
            type="radio"
            checked={value.format === "lines"}
            onChange={() => onChange(convertItems(value, "lines"))}
          />
          A line each
        </label>
        <label>
          <input
            type="radio"
            checked={value.format === "json"}
            onChange={() => onChange(convertItems(value, "json"))}
          />
          A JSON array
        </label>
      </fieldset>
    </div>
  );
}
