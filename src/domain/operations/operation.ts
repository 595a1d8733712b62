// What an operation is: one value that its validation, catalogue entry, example test and running are
// all derived from.
import * as v from "valibot";
import { strictObject } from "../../lib/strict-object";
import type { Budget } from "../json-query/budget";
import { wrongType } from "./errors";

/** What a pipeline carries from step to step. */
export interface Entry {
  readonly value: unknown;
  /** Index, in the request's items, of the item this came from; of its first member after `chunk`. */
  readonly index: number;
  /** True when a step could not take it: it is `null` from then on, and reported once. */
  readonly failed: boolean;
}

/** What a step may use of the run it is part of. */
export interface Run {
  /** JMESPath steps that are left for this pipeline. */
  readonly queries: Budget;
  /**
   * Reports an entry that a step cannot take, once, and gives the null that stands in its place. Any
   * error but an `ItemError` is a bug, and thrown on.
   */
  readonly refuse: (entry: Entry, error: unknown) => Entry;
  /**
   * Counts work, best before it is done; true when it is time for `yieldToOthers()`. Throws `OperationError`
   * once the pipeline has used up its share.
   */
  readonly work: (units: number) => boolean;
  /** Gives a measure of what one step makes: a value's characters; throws `too-large` over a bound. */
  readonly meter: () => (made: unknown) => number;
  /** Lets other requests of the isolate run. */
  readonly yieldToOthers: () => Promise<void>;
  /** The text of a table that lies beside the script. */
  readonly readTable: (name: string) => Promise<string>;
  /** A UUID of version 4: the one source of chance. */
  readonly randomUuid: () => string;
}

/** Gives the output for one item, or a promise of it; throws `ItemError` for one it cannot take. */
export type ItemFunction = (item: unknown, run: Run) => unknown;
/** Gives the new list; throws `OperationError` when there is none. */
export type ListFunction = (
  entries: readonly Entry[],
  run: Run,
) => readonly Entry[] | Promise<readonly Entry[]>;
/** Gives the one value; throws `OperationError` when there is none. */
export type SummaryFunction = (entries: readonly Entry[], run: Run) => unknown;

/** An operation with its parameters, ready to run. */
export type Step = { readonly name: string } & (
  | { readonly kind: "item"; readonly apply: ItemFunction }
  | { readonly kind: "list"; readonly apply: ListFunction }
  | { readonly kind: "summary"; readonly apply: SummaryFunction }
);

/** An example that is shown in the catalogue and run as a test. `output` is the items, or the value of a summary. */
export interface Example {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly input: readonly unknown[];
  readonly output: unknown;
}

/** An operation, as the registry knows it. */
export interface OperationDefinition {
  readonly name: string;
  readonly kind: Step["kind"];
  /** One line for the catalogue. */
  readonly summary: string;
  /** Schemas of the parameters by name. */
  readonly parameters: v.ObjectEntries;
  readonly example: Example;
  /** Turns the parameters, without the name, into a step. */
  readonly step: v.GenericSchema<unknown, Step>;
}

interface Written<E extends v.ObjectEntries, F> {
  readonly name: string;
  readonly summary: string;
  readonly parameters: E;
  readonly example: Example;
  /** Called once a pipeline: what can be prepared is prepared here and not for each item. */
  readonly make: (parameters: v.InferOutput<ReturnType<typeof strictObject<E>>>) => F;
}

function define<E extends v.ObjectEntries, F>(
  kind: Step["kind"],
  { make, ...written }: Written<E, F>,
  toStep: (apply: F) => Step,
): OperationDefinition {
  const step = v.pipe(
    strictObject(written.parameters),
    v.transform((parameters) => toStep(make(parameters))),
  );
  return { ...written, kind, step };
}

/** Defines an operation that takes one item and gives one. */
export function itemOperation<E extends v.ObjectEntries>(
  written: Written<E, ItemFunction>,
): OperationDefinition {
  return define("item", written, (apply) => ({ name: written.name, kind: "item", apply }));
}

/** Defines an item operation that takes texts only. */
export function textOperation<E extends v.ObjectEntries>({
  price = 0,
  make,
  ...written
}: Written<E, (text: string, run: Run) => unknown> & {
  /** Work of a text, or of each of its characters, where it is dearer than reading it. */
  readonly price?: number | ((text: string) => number);
}): OperationDefinition {
  return itemOperation({
    ...written,
    make: (parameters) => {
      const apply = make(parameters);
      return (item, run) => {
        if (typeof item !== "string") throw wrongType("text", item);
        run.work(typeof price === "number" ? price * item.length : price(item));
        return apply(item, run);
      };
    },
  });
}

/** Defines an operation that makes a list of a list. */
export function listOperation<E extends v.ObjectEntries>(
  written: Written<E, ListFunction>,
): OperationDefinition {
  return define("list", written, (apply) => ({ name: written.name, kind: "list", apply }));
}

/** Defines an operation that makes one value of a list; it can only end a pipeline. */
export function summaryOperation<E extends v.ObjectEntries>(
  written: Written<E, SummaryFunction>,
): OperationDefinition {
  return define("summary", written, (apply) => ({ name: written.name, kind: "summary", apply }));
}
