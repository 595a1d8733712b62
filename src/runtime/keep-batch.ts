// Has the register keep a small batch whole, run before it is stored: one request of one object, and no job.
import { awayMs } from "../domain/batches/away";
import { summarizeKept, type KeptBatch } from "../domain/batches/kept-batch";
import { createBatchJob, type EmptyJob, type Submitted } from "../domain/batches/submit-batch";
import { toEntry } from "../domain/batches/register";
import { runAtOnce } from "../domain/batches/run-at-once";
import { channelsFor } from "../domain/notifications/channel-names";
import { ranAtOnce } from "../domain/jobs/at-once";
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
  const states = await runAtOnce(record, chunks, { ...clock, random, runOptions, load: newChunk });
  if (states === null) return null;
  const { json, large } = writeStates(states, MAX_BYTES);
  if (large.length > 0) return null;
  const now = Date.now();
  const counts = { ...tally(states), lastResultAt: now };
  const batch: KeptBatch = {
    record: ranAtOnce(record, counts, now),
    counts,
    items: `[${decoder.decode(chunk.items)}]`,
    states: decoder.decode(json),
    ...(chunk.ids !== undefined && { ids: chunk.ids }),
  };
  const entry = toEntry(work.id, summarizeKept(batch, now), batch.record);
  try {
    const kept = await batchesIn(env).keep(entry, JSON.stringify(batch));
    if (kept === "full") return null;
    // A batch that is new is shown as it was created.
    const none = { ...NO_TALLY, lastResultAt: null };
    return { summary: kept ?? summarizeKept({ record, counts: none }, now), isOver: true };
  } catch (error) {
    // On a day on which it cannot be listed it is not accepted.
    if (awayMs(error) !== null) throw error;
    return null;
  }
}
