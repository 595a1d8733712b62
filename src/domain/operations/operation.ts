// The definition of an operation: one value from which its validation, catalogue entry, example test and run
// are derived.
import * as v from "valibot";
import { strictObject } from "../../lib/strict-object";
import type { Budget } from "../json-query/budget";
import { wrongType } from "./errors";

/** A value on its way through a pipeline. */
export interface Entry {
  readonly value: unknown;
  /** Index of the item it came from; after `chunk`, of the first member. */
  readonly index: number;
  /** True once a step has refused it: from then on it is `null`, and the refusal was reported. */
  readonly failed: boolean;
}

/** The run of a pipeline, as far as a step may use it. */
export interface Run {
  /** JMESPath steps left for this pipeline. */
  readonly queries: Budget;
  /**
   * Reports the failure of an entry and returns the null that replaces it. Rethrows any error but an
   * `ItemError`, since that is a bug.
   */
  readonly refuse: (entry: Entry, error: unknown) => Entry;
  /**
   * Counts work, preferably before it is done.
   *
   * @returns true if it is time to await `yieldToOthers()`
   * @throws OperationError once the pipeline has used up its share
   */
  readonly work: (units: number) => boolean;
  /**
   * Creates a function that counts the characters a step returns and returns those of one value. It throws
   * `too-large` over a limit.
   */
  readonly meter: () => (made: unknown) => number;
  /** Lets other requests of the isolate run. */
  readonly yieldToOthers: () => Promise<void>;
  /** Reads a table stored as an asset beside the script. */
  readonly readTable: (name: string) => Promise<string>;
  /** A UUID of version 4: the only source of randomness. */
  readonly randomUuid: () => string;
}

/** Returns the output for one item, or a promise of it. Throws `ItemError` for an item it cannot take. */
export type ItemFunction = (item: unknown, run: Run) => unknown;
/** Returns the new list. Throws `OperationError` if there is none. */
export type ListFunction = (
  entries: readonly Entry[],
  run: Run,
) => readonly Entry[] | Promise<readonly Entry[]>;
/** Returns one value for a list. Throws `OperationError` if there is none. */
export type SummaryFunction = (entries: readonly Entry[], run: Run) => unknown;

/** An operation with its parameters, ready to run. */
export type Step = { readonly name: string } & (
  | { readonly kind: "item"; readonly apply: ItemFunction }
  | { readonly kind: "list"; readonly apply: ListFunction }
  | { readonly kind: "summary"; readonly apply: SummaryFunction }
);

/**
 * An example, shown in the catalogue and run as a test. `output` is the list of items, or the value of a
 * summary.
 */
export interface Example {
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly input: readonly unknown[];
  readonly output: unknown;
}

/** An operation as the registry holds it. */
export interface OperationDefinition {
  readonly name: string;
  readonly kind: Step["kind"];
  /** One line for the catalogue. */
  readonly summary: string;
  /** Schemas of the parameters, by name. */
  readonly parameters: v.ObjectEntries;
  readonly example: Example;
  /** Converts the parameters, without the operation's name, into a step. */
  readonly step: v.GenericSchema<unknown, Step>;
}

interface Written<E extends v.ObjectEntries, F> {
  readonly name: string;
  readonly summary: string;
  readonly parameters: E;
  readonly example: Example;
  /** Called once for each pipeline, so that work common to all items is done once. */
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

/** Defines an operation on single items. */
export function itemOperation<E extends v.ObjectEntries>(
  written: Written<E, ItemFunction>,
): OperationDefinition {
  return define("item", written, (apply) => ({ name: written.name, kind: "item", apply }));
}

/** Defines an operation on single items that must be texts. */
export function textOperation<E extends v.ObjectEntries>({
  price = 0,
  make,
  ...written
}: Written<E, (text: string, run: Run) => unknown> & {
  /** Work per text, or a function of it, if it costs more than reading the text. */
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

/** Defines an operation that turns a list into another. */
export function listOperation<E extends v.ObjectEntries>(
  written: Written<E, ListFunction>,
): OperationDefinition {
  return define("list", written, (apply) => ({ name: written.name, kind: "list", apply }));
}

/** Defines an operation that reduces a list to one value; it can only be the last of a pipeline. */
export function summaryOperation<E extends v.ObjectEntries>(
  written: Written<E, SummaryFunction>,
): OperationDefinition {
  return define("summary", written, (apply) => ({ name: written.name, kind: "summary", apply }));
}
