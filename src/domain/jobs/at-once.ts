// A job whose items have all ended before the job was stored.
import type { Counts } from "./job";
import type { JobRecord, JobWork } from "./job-record";
import { decide } from "./lifecycle";

/** A new job that has run from its creation on, and has ended. Nobody knows what it was before. */
export function ranAtOnce<Work extends JobWork>(
  job: JobRecord<Work>,
  { failed }: Counts,
  now: number,
): JobRecord<Work> {
  const begun = decide(job, { type: "begin", done: 0 }, job.work.createdAt).record;
  const rest = { nextAt: null, waiting: null, hasOutage: false, failed, pending: 0 };
  const { record } = decide(begun, { type: "rest", ...rest }, now);
  const { changes, reportAt, isUntold } = job;
  return { ...record, changes, reportAt, isUntold };
}
