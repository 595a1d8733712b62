// Reads and runs an operation as a route does, for the tests of every family.
import { env } from "cloudflare:workers";
import * as v from "valibot";
import {
  loadOperations,
  Operation,
  type OperationSource,
  type Outcome,
  type Pipeline,
  runAll,
  runPipeline,
  type RunOptions,
} from "../../../src/domain/operations";
import { createRunOptions } from "../../../src/runtime/run-options";

/** Yields that take no time, and the tables that a deployment has. */
export const runOptions: RunOptions = {
  ...createRunOptions(env),
  yieldToOthers: async () => {},
};

/** Runs an operation over items. */
export async function run(operation: OperationSource, items: readonly unknown[]): Promise<Outcome> {
  await loadOperations(operation);
  return runPipeline(v.parse(Operation, operation), items, runOptions);
}

/** The items that an operation makes, or the value of a summary; fails when an item was refused. */
export async function outputOf(
  operation: OperationSource,
  items: readonly unknown[],
): Promise<unknown> {
  const outcome = await run(operation, items);
  if (outcome.errors.length > 0) throw new Error(JSON.stringify(outcome.errors.slice(0, 3)));
  return "value" in outcome ? outcome.value : outcome.processed_items;
}

/** The output for one item. */
export async function oneOutput(operation: OperationSource, item: unknown): Promise<unknown> {
  const output = await outputOf(operation, [item]);
  return Array.isArray(output) ? output[0] : output;
}

/** The code with which an operation refuses one item, or "none". */
export async function refusalOf(operation: OperationSource, item: unknown): Promise<string> {
  const { errors } = await run(operation, [item]);
  return errors[0]?.code ?? "none";
}

/** Runs several pipelines at once, and returns what a reply tells of each. */
export async function runEach(
  pipelines: readonly Pipeline[],
  items: readonly unknown[],
  options: RunOptions = runOptions,
) {
  const results = await runAll(pipelines, items, options, async (start) => start(null));
  return results.map((result) => {
    if (result.status === "rejected") return result;
    const { made, operation, status } = result;
    return Object.assign({ operation, status }, made);
  });
}

/** Runs an operation on an item, as for a reply. */
export async function written(operation: OperationSource, item: string) {
  await loadOperations(operation);
  const made: unknown[] = [];
  const outcome = await runPipeline(
    v.parse(Operation, operation),
    [item],
    runOptions,
    (outputs) => {
      made.push(...outputs);
    },
  );
  return { made, errors: outcome.errors };
}
