// Runs batch items through a pipeline of /process-data.
import { LARGE_CHARACTERS, type Report } from "../jobs/chunk-run";
import { storable, type Attempt, type DueItem, type Made } from "../jobs/job";
import { runItem, runPipeline, type Pipeline, type RunOptions } from "../operations";
import { isJsonLonger, restAfterJson } from "../../lib/is-json-longer";
import { failed, toAttempt } from "./item-failure";

/** Characters of outputs that one group should make, as JSON: all of them are in memory until they are reported. */
const GROUP_CHARACTERS = 32 * 1024;
/** Items of the first group, before it is known what they make, and how many times as many the next may have. */
const FIRST_ITEMS = 1;
const GROWTH = 4;

/**
 * Runs the items of a pipeline in groups, since its operations are pure and need no connections, and reports each group.
 * If together they cost or hold too much, or one of them fails by a bug, runs them one by one: an item's outcome is its
 * own, whatever its neighbours are. Ends once a report says to stop, and rejects only if a report does.
 */
export async function runPipelineItems(
  pipeline: Pipeline,
  due: readonly DueItem[],
  options: RunOptions,
  report: Report,
): Promise<void> {
  let size = FIRST_ITEMS;
  for (let from = 0; from < due.length;) {
    const group = due.slice(from, from + size);
    from += group.length;
    const next = await runGroup(pipeline, group, options, report);
    if (next === null) return;
    size = next;
  }
}

/**
 * Runs a group, in a function of its own: an async function that awaits keeps all that its variables held last, and would
 * keep this group's outputs while the next is run.
 *
 * @returns the size of the next; null if a report says to stop
 */
async function runGroup(
  pipeline: Pipeline,
  group: readonly DueItem[],
  options: RunOptions,
  report: Report,
): Promise<number | null> {
  const together = await runTogether(pipeline, group, options).catch(() => null);
  if (together === null)
    return (await runEach(pipeline, group, options, report)) ? FIRST_ITEMS : null;
  const left = together.reduce(
    (rest, [, attempt]) =>
      attempt.status === "succeeded" ? restAfterJson(attempt.output, rest) : rest,
    GROUP_CHARACTERS,
  );
  const fitting = left < 0 ? 1 / GROWTH : GROUP_CHARACTERS / (GROUP_CHARACTERS - left);
  const size = Math.ceil(group.length * Math.min(GROWTH, fitting));
  return (await report(together)) ? size : null;
}

/** Runs items alone, so that each fails for itself only. @returns false if a report says to stop */
async function runEach(
  pipeline: Pipeline,
  due: readonly DueItem[],
  options: RunOptions,
  report: Report,
): Promise<boolean> {
  // Each in a function of its own, as above.
  const run = async (item: DueItem) =>
    report([[item.index, await runAlone(pipeline, item, options)]]);
  for (const item of due) if (!(await run(item))) return false;
  return true;
}

async function runAlone(
  pipeline: Pipeline,
  { index, item }: DueItem,
  options: RunOptions,
): Promise<Attempt> {
  try {
    const outcome = await runItem(pipeline, item, options);
    if (outcome.ok) return succeeded(outcome.output);
    const { code, detail } = outcome;
    return failed({ code, detail });
  } catch (error) {
    return toAttempt(error, index);
  }
}

/** A successful attempt. A large output is written once, when it is stored, which may find that it is too large. */
function succeeded(output: unknown): Attempt {
  const attempt = { status: "succeeded", output } as const;
  return isJsonLonger(output, LARGE_CHARACTERS) ? attempt : storable(attempt);
}

async function runTogether(
  pipeline: Pipeline,
  due: readonly DueItem[],
  options: RunOptions,
): Promise<Made> {
  const items = due.map(({ item }) => item);
  const attempts: Attempt[] = [];
  const { errors } = await runPipeline(pipeline, items, options, (outputs) => {
    for (const output of outputs) attempts.push(succeeded(output));
  });
  for (const { index, code, detail } of errors) attempts[index] = failed({ code, detail });
  return due.flatMap(({ index }, at) => {
    const attempt = attempts[at];
    return attempt === undefined ? [] : [[index, attempt] as const];
  });
}
