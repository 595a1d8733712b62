// Cancelling a batch, and what it came to.
import type { Batch, BatchHandle, CallOptions } from "../client";

/** The cancelled batch once what was under way is in: only then its counts are final. */
export async function cancelToEnd(handle: BatchHandle, options: CallOptions): Promise<Batch> {
  const batch = await handle.cancel(options);
  return batch.finished_at === null ? handle.wait(options) : batch;
}
