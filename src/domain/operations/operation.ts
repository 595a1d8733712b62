// The definition of an operation: one value from which its validation, catalogue entry, example test and run
// are derived.
import * as v from "valibot";
import type { Entries, Refuser } from "./entries";
import { wrongType } from "./errors";
import { CHEAP, type Price } from "./price";
import type { Segment } from "./segmentation";

/** The run of a pipeline, as far as a step may use it. */
export interface Run extends Refuser {
  /**
   * Counts work of the step's price as it is done.
   *
   * @returns true if it is time to await `pause()`
   */
  readonly work: (units: number) => boolean;
  /**
   * Counts metered work, which is not in the step's price, preferably before it is done.
   *
   * @returns true if it is time to await `pause()`
   * @throws OperationError once the pipeline has used up its share
   */
  readonly spend: (units: number) => boolean;
  /**
   * Counts the memory of a value that the step makes besides its result.
   *
   * @throws OperationError once the step holds too much
   */
  readonly hold: (made: unknown) => void;
  /**
   * Counts bytes that the step makes for itself, and needs until its end.
   *
   * @throws OperationError once it keeps more than the pipelines before have left
   */
  readonly keep: (bytes: number) => void;
  /** Lets other requests of the isolate run, and other pipelines of this one. */
  readonly pause: () => Promise<void>;
  /** Reads a table stored as an asset beside the script. */
  readonly readTable: (name: string) => Promise<string>;
  /** The segments of a text. The same segmenter must be used for all texts of a step. */
  readonly segments: (segmenter: Intl.Segmenter, text: string) => Iterable<Segment>;
  /** Returns a UUID of a version: the only source of randomness, and of the time. */
  readonly createUuid: (version: 4 | 7) => string;
}

/** Returns the output for one item, a promise of it, or an iterator of a list's elements. Throws `ItemError` for an item it cannot take. */
export type ItemFunction = (item: unknown, run: Run) => unknown;
/** Returns the new list, or the same with other values. Throws `OperationError` if there is none. */
export type ListFunction = (entries: Entries, run: Run) => Entries | Promise<Entries>;
/** Returns one value for a list. Throws `OperationError` if there is none. */
export type SummaryFunction = (entries: Entries, run: Run) => unknown;

/**
 * The place of items that have failed in the result of a list operation: their own, behind all others, or none.
 * Published with the operation's summary, and carried out by `run.ts`.
 */
export type PlaceOfFailed = "own" | "last" | "none";

const PLACES_OF_FAILED = {
  own: "items that failed keep their place",
  last: "items that failed come last",
  none: "items that failed are left out",
} as const satisfies Record<PlaceOfFailed, string>;

/** Facts about the result that are known before a step runs. */
export interface Shape {
  /** True if the list stays as long as it is. */
  readonly keepsCount: boolean;
  /** True if texts keep their size (about), so that what comes after costs as much. */
  readonly keepsSize: boolean;
}

/** An operation with its parameters, ready to run. */
export type Step = { readonly name: string; readonly price: Price } & Shape &
  (
    | { readonly kind: "item"; readonly apply: ItemFunction }
    | { readonly kind: "list"; readonly apply: ListFunction; readonly failed: PlaceOfFailed }
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
  readonly price: Price;
  /** Converts the parameters, without the operation's name, into a step. */
  readonly step: v.GenericSchema<unknown, Step>;
}

interface Written<E extends v.ObjectEntries, F> {
  readonly name: string;
  readonly summary: string;
  readonly parameters: E;
  readonly example: Example;
  /** `CHEAP` if left out. */
  readonly price?: Price;
  /** Faults that no single parameter has. Returns the fault, or undefined. */
  readonly check?: (
    parameters: v.InferOutput<v.StrictObjectSchema<E, undefined>>,
  ) => { readonly parameter: string; readonly message: string } | undefined;
  /** Called once for each pipeline, so that work common to all items is done once. */
  readonly make: (parameters: v.InferOutput<v.StrictObjectSchema<E, undefined>>) => F;
}

type StepOf<K extends Step["kind"]> = Omit<Extract<Step, { kind: K }>, "name" | "price">;

function define<E extends v.ObjectEntries, F, K extends Step["kind"]>(
  kind: K,
  { make, check, price = CHEAP, ...written }: Written<E, F>,
  toStep: (apply: F) => StepOf<K>,
): OperationDefinition {
  const { name } = written;
  const known = Object.keys(written.parameters).join(", ") || "no parameters";
  const step = v.pipe(
    v.strictObject(written.parameters, ({ expected }) =>
      expected === "never" ? `Unknown field: "${name}" takes ${known}` : "Missing",
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      // A parameter that is refused by itself is not refused again.
      const isSound = dataset.typed && dataset.issues === undefined;
      const fault = isSound ? check?.(dataset.value) : undefined;
      if (fault === undefined) return;
      const { parameter: key, message } = fault;
      const input = Object(dataset.value);
      addIssue({
        message,
        path: [{ type: "object", origin: "value", input, key, value: input[key] }],
      });
    }),
    // Together these are a `Step` of this kind, which the compiler cannot tell while the kind is a parameter.
    v.transform((parameters) => ({ name, price, ...toStep(make(parameters)) }) as unknown as Step),
  );
  return { ...written, price, kind, step };
}

/** Defines an operation on single items. */
export function itemOperation<E extends v.ObjectEntries>({
  keepsSize = false,
  ...written
}: Written<E, ItemFunction> & Partial<Pick<Shape, "keepsSize">>): OperationDefinition {
  return define("item", written, (apply) => ({ kind: "item", apply, keepsSize, keepsCount: true }));
}

/** Defines an operation on single items that must be texts. */
export function textOperation<E extends v.ObjectEntries>({
  make,
  ...written
}: Written<E, (text: string, run: Run) => unknown> &
  Partial<Pick<Shape, "keepsSize">>): OperationDefinition {
  return itemOperation({
    ...written,
    make: (parameters) => {
      const apply = make(parameters);
      return (item, run) => {
        if (typeof item !== "string") throw wrongType("text", item);
        return apply(item, run);
      };
    },
  });
}

/** Defines an operation that turns a list into another. */
export function listOperation<E extends v.ObjectEntries>({
  failed,
  keepsCount = false,
  ...written
}: Written<E, ListFunction> & {
  readonly failed: PlaceOfFailed;
  /** True if it only orders or completes the items that there are. */
  readonly keepsCount?: boolean;
}): OperationDefinition {
  const summary = `${written.summary}; ${PLACES_OF_FAILED[failed]}`;
  const shape = { keepsCount, keepsSize: keepsCount };
  return define("list", { ...written, summary }, (apply) => ({
    kind: "list",
    apply,
    failed,
    ...shape,
  }));
}

/** Defines an operation that reduces a list to one value; it can only be the last of a pipeline. */
export function summaryOperation<E extends v.ObjectEntries>(
  written: Written<E, SummaryFunction>,
): OperationDefinition {
  const summary = `${written.summary}; ${PLACES_OF_FAILED.none}`;
  return define("summary", { ...written, summary }, (apply) => ({
    kind: "summary",
    apply,
    keepsCount: false,
    keepsSize: false,
  }));
}
