// A field for one parameter of an operation, by its JSON Schema.
import type { TargetedInputEvent, VNode } from "preact";
import type { ParameterSchema } from "../steps";
import { Field } from "./field";
import { Marked } from "./marked";

interface Props {
  readonly name: string;
  readonly schema: ParameterSchema;
  readonly isRequired: boolean;
  readonly value: string | boolean | undefined;
  readonly faults: readonly string[];
  readonly onChange: (value: string | boolean) => void;
}

/** A checkbox, a select, a number or a text field. Left empty, the parameter has its default. */
export function ParameterField(props: Props): VNode {
  const { name, schema, isRequired, faults } = props;
  if (schema.type === "boolean") return <Box {...props} />;
  return (
    <Field
      label={isRequired ? readable(name) : `${readable(name)} (optional)`}
      hint={hintOf(schema)}
      faults={faults}
    >
      {schema.enum === undefined ? inputOf(props) : choiceOf(props)}
    </Field>
  );
}

function Box({ name, schema, value, onChange }: Props): VNode {
  const isOn = value ?? schema.default === true;
  return (
    <label class="box">
      <input
        type="checkbox"
        checked={isOn === true}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      {readable(name)}
      {schema.description !== undefined && (
        <span class="hint">
          <Marked text={schema.description} />
        </span>
      )}
    </label>
  );
}

function choiceOf({ schema, value, onChange }: Props): VNode {
  return (
    <select
      value={String(value ?? schema.default ?? "")}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    >
      {schema.enum?.map((option) => (
        <option key={option} value={option}>
          {option === "\t" ? "tab" : option}
        </option>
      ))}
    </select>
  );
}

function inputOf({ schema, value, isRequired, onChange }: Props): VNode {
  const shared = {
    class: "code",
    required: isRequired,
    spellcheck: false,
    placeholder: placeholderOf(schema),
    value: String(value ?? ""),
    onInput: ({ currentTarget }: TargetedInputEvent<HTMLInputElement>) =>
      onChange(currentTarget.value),
  };
  if (schema.type !== "integer" && schema.type !== "number")
    return <input type="text" {...shared} />;
  const { minimum = "", maximum = "" } = schema;
  return <input type="number" min={minimum} max={maximum} step="any" {...shared} />;
}

function placeholderOf(schema: ParameterSchema): string {
  if (schema.type === "object") return '{"old": "new"}';
  const { default: usual } = schema;
  if (usual === undefined) return "";
  return Array.isArray(usual) ? usual.join(", ") : String(usual);
}

function hintOf({ type, description }: ParameterSchema): string | undefined {
  const form = type === "array" ? "Separated by commas." : undefined;
  return [description, form].filter(Boolean).join(" ") || undefined;
}

/** The name of a parameter as a label: `plus_is_space` becomes `Plus is space`. */
export function readable(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
