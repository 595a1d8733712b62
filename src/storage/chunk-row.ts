import { makesRecords } from "../domain/batches/batch-operations";
import type { JobRecord } from "../domain/batches/job-record";
import type { Chunk, ItemState } from "../domain/jobs/job";
import { parseStates } from "./job-states";

/** A chunk as it is stored: items and states as JSON. */
// A type, not an interface: rows of SQL are records.
export type ChunkRow = { first: number; items: string; states: string | null };

/** The chunk of a row. */
export function toChunk({ first, items, states }: ChunkRow): Chunk {
  // Written by the store alone, so the shapes are known.
  return {
    first,
    items: JSON.parse(items) as unknown[],
    states: states === null ? null : parseStates(states),
  };
}

/** The items without those that have made a record, of which the result alone is kept; null where all stay. */
export function itemsLeft(
  job: JobRecord | undefined,
  { items }: Chunk,
  states: readonly ItemState[],
): string | null {
  if (job?.work.kind !== "batch" || !makesRecords(job.work.operation)) return null;
  return JSON.stringify(
    items.map((item, at) => (states[at]?.status === "succeeded" ? null : item)),
  );
}
