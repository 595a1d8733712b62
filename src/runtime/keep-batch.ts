// Has the register keep a small batch whole, run before it is stored: one request of one object, and no job.
import { awayMs } from "../domain/batches/away";
import { summarizeJob } from "../domain/batches/batch";
import type { BatchWork } from "../domain/batches/job-record";
import type { KeptBatch } from "../domain/batches/kept-batch";
import { createBatchJob, type EmptyJob, type Submitted } from "../domain/batches/submit-batch";
import { toEntry } from "../domain/batches/register";
import { runAtOnce } from "../domain/batches/run-at-once";
import { channelsFor } from "../domain/notifications/channel-names";
import { ranAtOnce } from "../domain/jobs/at-once";
import type { JobRecord } from "../domain/jobs/job-record";
import type { Counts } from "../domain/jobs/job";
import { readConfig } from "../env";
import { newChunk } from "../storage/job-rows";
import { writeStates } from "../storage/job-states";
import { NO_TALLY, tally } from "../storage/job-tally";
import type { AssetsEnv } from "./assets";
import { createRunOptions } from "./run-options";
import { batchesIn, type TablesEnv } from "./tables";
import { yieldToOthers } from "./yield-to-others";

const decoder = new TextDecoder();

/** Bytes of the items of a batch, and of their states, as JSON. */
const MAX_BYTES = 32 * 1024;

/** Submits a batch in place of its job; null if it is none that can be kept, or not now. */
export async function keepBatch(
  env: AssetsEnv & TablesEnv,
  ...[work, total, retentionMs, chunks]: Parameters<EmptyJob["submit"]>
): Promise<Submitted | null> {
  const [chunk] = chunks;
  const { config, error: fault } = readConfig(env);
  // With a faulty configuration all items would fail; an end that is told is kept until it was.
  if (fault !== null || chunk === undefined || chunk.items.byteLength > MAX_BYTES) return null;
  if (channelsFor("batch.completed", config.channels.values(), work.notify).length > 0) return null;
  const { record } = createBatchJob(work, { total, retentionMs }, Date.now());
  const runOptions = createRunOptions(env);
  const clock = { yieldToOthers, now: () => Date.now() };
  const { random } = Math;
  const ran = await runAtOnce(record, chunks, { ...clock, random, runOptions, load: newChunk });
  if (ran === null || ran.rest.nextAt !== null) return null;
  const { json, large } = writeStates(ran.states, MAX_BYTES);
  if (large.length > 0) return null;
  const now = Date.now();
  const counts = { ...tally(ran.states), lastResultAt: now };
  const ended = { ...ranAtOnce(record, ran.rest, counts, now).record, isUntold: false };
  const entry = toEntry(work.id, summarize(ended, counts), ended);
  const batch: KeptBatch = {
    record: ended,
    counts,
    items: `[${decoder.decode(chunk.items)}]`,
    states: decoder.decode(json),
    ...(chunk.ids !== undefined && { ids: chunk.ids }),
  };
  try {
    const kept = await batchesIn(env).keep(entry, JSON.stringify(batch));
    if (kept === "full") return null;
    // A batch that is new is shown as it was created.
    return {
      summary: kept ?? summarize(record, { ...NO_TALLY, lastResultAt: null }),
      isOver: true,
    };
  } catch (error) {
    // On a day on which it cannot be listed it is not accepted.
    if (awayMs(error) !== null) throw error;
    return null;
  }
}

function summarize(job: JobRecord<BatchWork>, counts: Counts) {
  return summarizeJob(job, { counts, waiting: null, outputSummary: null }, job.work.createdAt);
}
