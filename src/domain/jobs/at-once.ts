// A job whose first run has come to its rest before the job was stored.
import { decided, type Decision } from "./decision";
import type { Counts } from "./job";
import type { JobRecord, JobWork } from "./job-record";
import { decide } from "./lifecycle";
import type { Rest } from "./window-run";

/** The decision about a new job that has run from its creation on. Nobody knows what it was before. */
export function ranAtOnce<Work extends JobWork>(
  job: JobRecord<Work>,
  rest: Rest,
  { succeeded, failed }: Counts,
  now: number,
): Decision<Work> {
  const begun = decide(job, { type: "begin", done: 0 }, job.work.createdAt).record;
  const pending = job.total - succeeded - failed;
  const rested = decide(begun, { type: "rest", ...rest, failed, pending }, now);
  const effects = rested.effects.filter((effect) => effect !== "report");
  const { changes, reportAt } = job;
  return decided({ ...rested.record, changes, reportAt }, effects, now);
}
