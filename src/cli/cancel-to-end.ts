// Cancels a batch and waits for its end.
import type { Batch, BatchHandle, CallOptions } from "../client";

/** Cancels a batch. Resolves once the items in progress have finished, since only then its counts are final. */
export async function cancelToEnd(handle: BatchHandle, options: CallOptions): Promise<Batch> {
  const batch = await handle.cancel(options);
  return batch.finished_at === null ? handle.wait(options) : batch;
}
