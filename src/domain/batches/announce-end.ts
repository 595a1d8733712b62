// The event of a batch's end.
import type { AnnounceDeps } from "../records/announce";
import type { JobSummary } from "./batch";
import * as v from "valibot";
import { channelsFor } from "../notifications/channel-names";
import { createEvent } from "../notifications/events";
import { BatchReason, BatchStatus } from "./batch";
import type { Announcement, BatchWork } from "./job-record";

const Count = v.number();

/** `data` of `batch.completed`. */
export const BatchEventData = v.strictObject({
  id: v.string(),
  label: v.nullable(v.string()),
  run: v.pipe(v.number(), v.description("1 for the first; each retry is a further one.")),
  operation: v.pipe(v.unknown(), v.description("As it was asked for.")),
  status: BatchStatus,
  reason: v.pipe(BatchReason, v.description("Of a cancellation.")),
  total: Count,
  succeeded: Count,
  failed: Count,
  pending: v.pipe(Count, v.description("Items that a cancelled batch did not run.")),
  results: v.pipe(v.string(), v.description("The address of the results.")),
});

/** The end of a batch, as its event tells it. */
type EndSummary = Pick<
  JobSummary,
  "label" | "run" | "operation" | "status" | "reason" | "total" | "succeeded" | "failed"
>;

/** The event of the end of a batch's run for the channels that want it, or undefined where there are none. */
export function announceEnd(
  work: BatchWork,
  { label, run, operation, status, reason, total, succeeded, failed }: EndSummary,
  { channels, newId, now }: AnnounceDeps,
): Announcement | undefined {
  const names = channelsFor("batch.completed", channels.values(), work.notify);
  if (names.length === 0) return undefined;
  const pending = total - succeeded - failed;
  const { id, origin } = work;
  const results = `${origin}/batch-process/${id}/results`;
  const counts = { total, succeeded, failed, pending };
  const data = {
    id,
    label,
    run,
    operation,
    status,
    reason,
    ...counts,
    results,
  } satisfies v.InferInput<typeof BatchEventData>;
  const event = { id: newId(), type: "batch.completed" as const, recordId: id, origin, data };
  return { event: createEvent(event, now), channels: names };
}
