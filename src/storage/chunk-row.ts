import { makesRecords } from "../domain/batches/batch-operations";
import type { JobRecord } from "../domain/batches/job-record";
import type { Chunk, ItemState } from "../domain/jobs/job";
import { parseStates, writeStates } from "./job-states";

/** A row of `chunks`: items and states as JSON. A type, since `sql.exec` accepts no interface as a row. */
export type ChunkRow = { first: number; items: string; states: string | null };

/** Parses the chunk of a row. */
export function toChunk({ first, items, states }: ChunkRow): Chunk {
  // Not validated, since only the store writes these columns.
  return {
    first,
    items: JSON.parse(items) as unknown[],
    states: states === null ? null : parseStates(states),
  };
}

/** A chunk that was run, as it is stored. */
export interface StoredChunk {
  readonly states: string;
  /** Null if they stay as they are. */
  readonly items: string | null;
}

/** A chunk with its states, without the items that have created a record: of these only the result is kept. */
export function toStored(
  { work }: JobRecord,
  { items }: Chunk,
  states: readonly ItemState[],
): StoredChunk {
  const written = writeStates(states);
  if (work.kind !== "batch" || !makesRecords(work.operation))
    return { states: written, items: null };
  const left = items.map((item, at) => (states[at]?.status === "succeeded" ? null : item));
  return { states: written, items: JSON.stringify(left) };
}
