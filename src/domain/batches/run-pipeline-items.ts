// Runs batch items through a pipeline of /process-data.
import type { Report } from "../jobs/chunk-run";
import { storable, type Attempt, type DueItem, type Made } from "../jobs/job";
import { runItem, runPipeline, type Pipeline, type RunOptions } from "../operations";
import { failed, toAttempt } from "./item-failure";

/**
 * Runs the items of a pipeline, all in one go, since its operations are pure and need no connections. If
 * together they cost or hold too much, or one of them fails by a bug, runs them one by one and reports each,
 * until a report says to stop: an item's outcome is its own, whatever its neighbours are. Rejects only if a
 * report does.
 *
 * @returns the attempts that were not reported
 */
export async function runPipelineItems(
  pipeline: Pipeline,
  due: readonly DueItem[],
  options: RunOptions,
  report: Report,
): Promise<Made> {
  const items = due.map(({ item }) => item);
  const together = await runTogether(pipeline, items, options).catch(() => null);
  if (together !== null) return withIndexes(due, together);
  // Together they cost or hold too much, or one hit a bug of ours: run alone, each fails for itself only.
  for (const item of due) {
    const attempt = await runAlone(pipeline, item, options);
    if (!(await report([[item.index, attempt]]))) break;
  }
  return [];
}

function withIndexes(due: readonly DueItem[], attempts: readonly Attempt[]): Made {
  return due.flatMap(({ index }, at) => {
    const attempt = attempts[at];
    return attempt === undefined ? [] : [[index, attempt] as const];
  });
}

async function runAlone(
  pipeline: Pipeline,
  { index, item }: DueItem,
  options: RunOptions,
): Promise<Attempt> {
  try {
    const outcome = await runItem(pipeline, item, options);
    if (outcome.ok) return storable({ status: "succeeded", output: outcome.output });
    const { code, detail } = outcome;
    return failed({ code, detail });
  } catch (error) {
    return toAttempt(error, index);
  }
}

async function runTogether(
  pipeline: Pipeline,
  items: readonly unknown[],
  options: RunOptions,
): Promise<Attempt[]> {
  const outcome = await runPipeline(pipeline, items, options);
  const outputs = "processed_items" in outcome ? outcome.processed_items : [];
  const attempts: Attempt[] = outputs.map((output) => storable({ status: "succeeded", output }));
  for (const { index, code, detail } of outcome.errors) {
    attempts[index] = failed({ code, detail });
  }
  return attempts;
}
