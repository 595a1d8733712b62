// A picker for an operation: found by typing, with an example of what it does.
import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { OperationInfo } from "../../client";
import { searchWords } from "../../lib/search-words";
import { formatValue } from "../format";
import { Field } from "./field";

const KINDS = {
  item: "Each item",
  list: "The whole list",
  summary: "One value of all",
} as const;

/** Characters of an example that are shown. */
const MAX_EXAMPLE_CHARS = 120;

/** A search, a select of what it finds, and an example. Enter in the search picks the nearest. */
export function OperationPicker({
  place,
  name,
  operations,
  faults,
  onName,
}: {
  place: number;
  name: string;
  operations: readonly OperationInfo[];
  faults: readonly string[];
  onName: (name: string) => void;
}): VNode {
  const [query, setQuery] = useState("");
  const found = useMemo(() => find(query, operations), [query, operations]);
  const info = operations.find((entry) => entry.name === name);
  const pick = (picked: string): void => {
    setQuery("");
    onName(picked);
  };
  return (
    <div class="picker">
      <input
        type="search"
        aria-label={`Search for step ${place}`}
        placeholder="Search: date, currency, duplicates …"
        value={query}
        onInput={({ currentTarget }) => setQuery(currentTarget.value)}
        onKeyDown={(event) => {
          const [nearest] = found;
          if (event.key !== "Enter" || query === "" || nearest === undefined) return;
          event.preventDefault();
          pick(nearest.name);
        }}
      />
      {query === "" ? null : <Found found={found} onPick={pick} />}
      <Field label={`Operation ${place}`} isLabelHidden hint={info?.summary} faults={faults}>
        <OperationChoice name={name} operations={operations} onName={pick} />
      </Field>
      {info === undefined ? null : <Example info={info} />}
    </div>
  );
}

function find(query: string, operations: readonly OperationInfo[]): OperationInfo[] {
  if (query.trim() === "") return [];
  return searchWords(query, operations, ({ name, keywords, summary, family }) => [
    name,
    keywords.join(" "),
    summary,
    family,
  ]);
}

/** The operations that are found, each a button. */
function Found({
  found,
  onPick,
}: {
  found: readonly OperationInfo[];
  onPick: (name: string) => void;
}): VNode {
  if (found.length === 0) return <p class="hint">Nothing found.</p>;
  return (
    <ul class="found">
      {found.map(({ name, summary }) => (
        <li key={name}>
          <button type="button" class="quiet small" onClick={() => onPick(name)}>
            {name}
          </button>{" "}
          <span class="hint">{summary}</span>
        </li>
      ))}
    </ul>
  );
}

function Example({ info: { example } }: { info: OperationInfo }): VNode {
  const { operation } = example;
  return (
    <p class="hint">
      {typeof operation === "string" ? "Example: " : `Example, ${shown(operation)}: `}
      <code>{shown(example.input)}</code> → <code>{shown(example.output)}</code>
    </p>
  );
}

/** An example as JSON: a text is told from a number by its quotes. */
function shown(value: unknown): string {
  return formatValue(JSON.stringify(value), MAX_EXAMPLE_CHARS);
}

/** A select for the operation. `Field` passes attributes besides the named ones. */
function OperationChoice({
  name,
  operations,
  onName,
  ...attributes
}: {
  name: string;
  operations: readonly OperationInfo[];
  onName: (name: string) => void;
}): VNode {
  return (
    <select
      {...attributes}
      value={name}
      onChange={({ currentTarget }) => onName(currentTarget.value)}
    >
      {Object.entries(KINDS).map(([kind, label]) => {
        const ofKind = operations.filter((info) => info.kind === kind);
        return (
          ofKind.length > 0 && (
            <optgroup key={kind} label={label}>
              {ofKind.map((info) => (
                <option key={info.name}>{info.name}</option>
              ))}
            </optgroup>
          )
        );
      })}
    </select>
  );
}
