// When a job is reported to the register of all jobs: at once after each change of its state, but for a start.
import { isActive, type JobRecord, type JobWork } from "./job-record";
import type { Decision } from "./decision";
import type { JobEvent } from "./lifecycle";

/** Milliseconds before a start is reported, since most jobs have ended by then. */
const START_MS = 2000;

/** Milliseconds after which the alarm reports what its invocation should have reported. */
export const REPORT_GUARD_MS = 5000;

/** The parts of a record that a report is about, besides counts. */
const REPORTED = ["status", "reason", "startedAt", "finishedAt", "expiresAt", "isUntold"] as const;

/** A decision with the report that it causes. Nothing is erased before its last report has arrived. */
export function withReport<Work extends JobWork>(
  before: JobRecord<Work>,
  event: JobEvent<Work>,
  { record, effects }: Omit<Decision<Work>, "alarmAt">,
  now: number,
): Omit<Decision<Work>, "alarmAt"> {
  // A paused job rests once what was in flight has ended: no further report would have these counts.
  const isLast = event.type === "rest" && record.status === "paused";
  // A change may be one of the name by which it is listed.
  const isNews = event.type === "change" || REPORTED.some((name) => record[name] !== before[name]);
  if (isLast || isNews) {
    const isStart = isActive(record) && (before.status === "scheduled" || isActive(before));
    const changed = { ...record, changes: before.changes + 1 };
    return isStart
      ? { record: { ...changed, reportAt: now + START_MS }, effects }
      : { record: { ...changed, reportAt: now }, effects: [...effects, "report"] };
  }
  if (event.type !== "alarm" || record.reportAt === null) return { record, effects };
  return { record, effects: [...effects.filter((effect) => effect !== "erase"), "report"] };
}

/** The outcome of a report. */
export type ReportAnswer =
  /** The register knows the job as it was after so many changes. */
  | { readonly type: "reported"; readonly changes: number }
  /** The register could not be reached. */
  | { readonly type: "unreported"; readonly until: number };

/** True for an event that is the answer to a report. */
export function isAnswer(event: JobEvent): event is ReportAnswer {
  return event.type === "reported" || event.type === "unreported";
}

/** The record after the answer to a report. */
export function withAnswer<Work extends JobWork>(
  record: JobRecord<Work>,
  answer: ReportAnswer,
): JobRecord<Work> {
  if (answer.type === "unreported") return { ...record, reportAt: answer.until };
  const isNews = answer.changes === record.changes && record.reportAt !== null;
  return isNews ? { ...record, reportAt: null } : record;
}
