// Schemas of an operation as a caller writes it: a name, a name with parameters, or a pipeline of these.
// Validation picks the one schema that matches the form, so that a fault is reported once, at its place, and
// not for every operation that it could have been.
import * as v from "valibot";
import { MAX_PIPELINES, MAX_STEPS } from "./limits";
import type { Step } from "./operation";
import { findOperation, requiredParameters, unknownOperation } from "./registry";
import { isObject } from "../../lib/is-object";

/** A step as written. */
export type StepSource = string | { readonly name: string; readonly [parameter: string]: unknown };
/** An operation as written, in JSON, so that it can be stored and parsed again. */
export type OperationSource = StepSource | readonly StepSource[];

/** A parsed operation, ready to run. */
export interface Pipeline {
  /** The operation as the caller wrote it. */
  readonly source: OperationSource;
  readonly steps: readonly Step[];
}

const WrittenStep = v.union([v.string(), v.looseObject({ name: v.string() })]);

/**
 * An operation as written, for replies. In the documentation `src/reference/operations.ts` replaces it by all
 * operations with their parameters. To parse an operation, use `Operation`.
 */
export const OperationSource: v.GenericSchema<OperationSource> = v.union([
  WrittenStep,
  v.array(WrittenStep),
]);

/** Fields of a step that are checked; no operation has nearly as many. */
const MAX_PARAMETERS = 20;

/** Keys that reach a prototype when assigned. The validator would drop them silently; here they are refused. */
const PROTOTYPE_KEYS = ["__proto__", "constructor", "prototype"];

const NO_NAME =
  'An operation is a name, or an object with a name, as in {"name":"truncate","length":6}';

const refuse = (message: string) => v.never(message);

function namedStepSchema(name: string): v.GenericSchema<unknown, Step> {
  const operation = findOperation(name);
  if (operation === undefined) return refuse(unknownOperation(name));
  const required = requiredParameters(operation);
  if (required.length > 0) {
    const example = JSON.stringify({ name, ...operation.example.parameters });
    return refuse(`"${name}" needs ${required.join(", ")}, as in ${example}`);
  }
  return v.pipe(
    v.unknown(),
    v.transform(() => ({})),
    operation.step,
  );
}

function parameterStepSchema(input: object): v.GenericSchema<unknown, Step> {
  const name: unknown = Object.hasOwn(input, "name") ? Reflect.get(input, "name") : undefined;
  if (typeof name !== "string") return refuse(NO_NAME);
  const operation = findOperation(name);
  if (operation === undefined) {
    return v.pipe(v.object({ name: refuse(unknownOperation(name)) }), refuse("No operation"));
  }
  if (Object.keys(input).length > MAX_PARAMETERS) {
    return refuse(`An operation has at most ${MAX_PARAMETERS} parameters`);
  }
  const key = PROTOTYPE_KEYS.find((prototypeKey) => Object.hasOwn(input, prototypeKey));
  if (key !== undefined) {
    return v.pipe(v.object({ [key]: refuse("Unknown field") }), refuse("No operation"));
  }
  const { name: _, ...parameters } = Object.fromEntries(Object.entries(input));
  return v.pipe(
    v.unknown(),
    v.transform(() => parameters),
    operation.step,
  );
}

function stepSchema(input: unknown): v.GenericSchema<unknown, Step> {
  if (typeof input === "string") return namedStepSchema(input);
  if (isObject(input)) return parameterStepSchema(input);
  return refuse(NO_NAME);
}

const SummaryLast = v.rawCheck<Step[]>(({ dataset, addIssue }) => {
  if (!dataset.typed) return;
  for (const [at, step] of dataset.value.slice(0, -1).entries()) {
    if (step.kind !== "summary") continue;
    const message = `"${step.name}" gives one value: it can only be the last step`;
    const { value: input } = dataset;
    addIssue({ message, path: [{ type: "array", origin: "value", input, key: at, value: step }] });
  }
});

function stepsSchema(input: unknown): v.GenericSchema<unknown, Step[]> {
  if (!Array.isArray(input)) {
    return v.pipe(
      v.lazy(stepSchema),
      v.transform((step) => [step]),
    );
  }
  // An overlong list is refused without reading it: one fault for each of a million steps would fill memory.
  if (input.length > MAX_STEPS) return refuse(`A pipeline has at most ${MAX_STEPS} steps`);
  return v.pipe(v.array(v.lazy(stepSchema)), v.minLength(1), SummaryLast);
}

function pipelineSchema(input: unknown): v.GenericSchema<unknown, Pipeline> {
  return v.pipe(
    stepsSchema(input),
    // Each step was just parsed as an operation, so the input is an `OperationSource`.
    v.transform((steps) => ({ source: input as OperationSource, steps })),
  );
}

const plainSchemas = new Map<string, v.GenericSchema<unknown, Pipeline>>();

/**
 * The schema of an operation given by its name alone. Cached for each known name, since most requests send
 * one.
 */
function plainSchema(name: string): v.GenericSchema<unknown, Pipeline> {
  const known = plainSchemas.get(name);
  if (known !== undefined) return known;
  const schema = pipelineSchema(name);
  const parsed = v.safeParse(schema, name);
  // Unknown names are not cached: callers could fill memory with them.
  if (!parsed.success) return schema;
  const pipeline = parsed.output;
  const made = v.pipe(
    v.unknown(),
    v.transform(() => pipeline),
  );
  plainSchemas.set(name, made);
  return made;
}

/**
 * Parses an operation as a pipeline of 1 to 10 steps, with a summary only as the last. Reports all faults,
 * each at its place (`/length`, or `/1/length` in a pipeline). Call `loadOperations` first.
 */
export const Operation = v.lazy((input) => {
  // The converter to JSON Schema calls a lazy schema with `undefined`, which JSON never contains.
  if (input === undefined) return OperationSource;
  return typeof input === "string" ? plainSchema(input) : pipelineSchema(input);
  // Its input type is that of `OperationSource`; the inner schemas accept anything and report faults in words.
}) as v.GenericSchema<unknown, Pipeline> as v.GenericSchema<OperationSource, Pipeline>;

/** Parses 1 to 10 operations that run over the same items. Call `loadOperations` first. */
export const Operations = v.lazy((input): v.GenericSchema<OperationSource[], Pipeline[]> => {
  const list = v.pipe(v.array(Operation), v.minLength(1), v.maxLength(MAX_PIPELINES));
  const isTooLong = Array.isArray(input) && input.length > MAX_PIPELINES;
  return isTooLong ? refuse(`At most ${MAX_PIPELINES} operations run at once`) : list;
});
