// Removes many batches, job by job. A batch leaves the register after its job is deleted: whatever ends the process
// between the two, the next deletion finds it listed and takes it off, or else the register's own look does.
import { mapConcurrently } from "../../lib/map-concurrently";
import type { BatchStatus } from "./batch";
import type { KeptBatches } from "./kept-batch";
import { toListed, type BatchRegister } from "./register";

/** Batches that one request removes: each is a request to its job. */
export const MAX_REMOVED = 250;
const AT_ONCE = 50;
const WIDTH = 10;

/** Batches to be removed: in one of these states, and created before this instant. */
export interface Removal {
  readonly status: readonly BatchStatus[];
  /** Milliseconds since 1970 UTC. */
  readonly createdBefore: number;
}

/** Surroundings of a removal. */
export interface RemovalDeps {
  /** The request that removes them. */
  readonly requestId: string;
  readonly register: Pick<BatchRegister, "page" | "watch" | "unlist"> &
    Pick<KeptBatches, "removeKept">;
  /** Deletes a job in one of these states; false if it is in another by now. */
  readonly removeJob: (id: string, status: readonly BatchStatus[]) => Promise<boolean>;
}

/**
 * Removes batches, the oldest first. Stops after MAX_REMOVED.
 *
 * @returns how many were removed
 * @throws what the first job threw that cannot be reached; those before are removed
 */
export async function removeBatches(
  filters: Removal,
  { register, removeJob, requestId }: RemovalDeps,
): Promise<number> {
  let [removed, seen] = [0, 0];
  for (let after: number | null = null; seen < MAX_REMOVED;) {
    const { records, next } = await register.page({ filters, order: "asc", after, limit: AT_ONCE });
    seen += records.length;
    const listed = records.map((json) => toListed(json).id);
    // These are as they are listed for as long as they are kept.
    const kept = listed.length > 0 ? await register.removeKept(listed, { requestId }) : [];
    removed += kept.filter((outcome) => outcome === true).length;
    const found = listed.filter((_, at) => kept[at] === null);
    if (found.length > 0) await register.watch(found);
    const outcomes = await mapConcurrently(found, WIDTH, async (id) =>
      removeJob(id, filters.status).then(
        (isRemoved) => (isRemoved ? { id } : {}),
        (error: unknown) => ({ error }),
      ),
    );
    const ids = outcomes.flatMap((outcome) => ("id" in outcome ? [outcome.id] : []));
    if (ids.length > 0) removed += await register.unlist(ids, requestId);
    for (const outcome of outcomes) if ("error" in outcome) throw outcome.error;
    if (next === null) break;
    after = next;
  }
  return removed;
}
