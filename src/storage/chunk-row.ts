import type { Chunk } from "../domain/jobs/job";
import { parseStates } from "./job-states";

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
