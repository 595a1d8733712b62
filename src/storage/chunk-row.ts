import type { Chunk } from "../domain/jobs/job";
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
