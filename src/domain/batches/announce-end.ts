// The event of a batch's end.
import type { AnnounceDeps } from "../records/announce";
import type { JobSummary } from "./batch";
import { toIsoTime } from "../../lib/iso-time";
import { channelsFor } from "../notifications/channels";
import type { Announcement, JobWork } from "./job-record";

/** What the channels that want it are told, or undefined where there are none, or the job is no batch. */
export function announceEnd(
  work: JobWork,
  { operation, status, total, succeeded, failed }: JobSummary,
  { channels, newId, now }: AnnounceDeps,
): Announcement | undefined {
  if (work.kind !== "batch") return undefined;
  const names = channelsFor("batch.completed", channels.values(), work.notify);
  if (names.length === 0) return undefined;
  const timestamp = toIsoTime(now);
  const text = `Batch ${status}: ${succeeded} of ${total} succeeded, ${failed} failed`;
  const pending = total - succeeded - failed;
  const data = { id: work.id, operation, status, total, succeeded, failed, pending };
  return {
    event: { id: newId(), type: "batch.completed", timestamp, text, data },
    deliveries: names.map((channel) => ({ id: newId(), channel })),
  };
}
