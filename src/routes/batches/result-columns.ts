// Columns of a batch's results as CSV, beside those of the file that it came from.
import type { JobSummary } from "../../domain/batches/batch";
import type { ItemResult } from "../../domain/batches/item-result";
import type { Columns } from "../../http/reply";

type Column = Columns<ItemResult>[number];

/** Columns of a result. An `id` is one where items have ids. */
const OF_RESULT: readonly Column[] = [
  "index",
  "id",
  "status",
  ["output", (result) => (result.status === "succeeded" ? result.output : undefined)],
  ["error", (result) => (result.status === "succeeded" ? undefined : result.error)],
  "attempts",
];

/** The columns: with inputs those of the CSV that the batch came as, or one column for anything else. */
export function resultColumns(
  { columns, hasIds }: Pick<JobSummary, "columns" | "hasIds">,
  isInputWanted: boolean,
): Columns<ItemResult> {
  const own = OF_RESULT.filter((column) => hasIds || column !== "id");
  if (!isInputWanted) return own;
  const taken = new Set(own.map((column) => (typeof column === "string" ? column : column[0])));
  const names = columns ?? ["input"];
  const joined = names.map((name, at): Column => [
    taken.has(name) ? `input_${name}` : name,
    ({ input }) => (columns === null ? input : cellOf(input, name, at)),
  ]);
  return [...own.slice(0, hasIds ? 2 : 1), ...joined, ...own.slice(hasIds ? 2 : 1)];
}

/** The cell of a column in a row, which is a text, a list or an object. */
function cellOf(input: unknown, name: string, at: number): unknown {
  if (Array.isArray(input)) return input[at];
  return typeof input === "object" ? Reflect.get(Object(input), name) : input;
}
