// When the alarm of a job rings.
import { REPORT_GUARD_MS } from "./reports";
import { deadlineOf, isUnderWay, type JobRecord } from "./job-record";

/** Milliseconds after submitting at which the alarm starts a run, if the request's own died. */
const FIRST_ALARM_MS = 3000;
/** Milliseconds after which the alarm takes over from a run that was cut off. */
const WATCHDOG_MS = 5000;

/** The instant at which the alarm of a job must ring, so that it goes on whatever happens to its invocation. */
export function alarmOf(record: JobRecord, now: number): number {
  const { reportAt } = record;
  const reportBy = reportAt === null ? Infinity : reportAt + REPORT_GUARD_MS;
  return Math.min(nextStep(record, now), reportBy);
}

/** The instant of the next step in the life of a job, reports aside. */
export function nextStep(record: JobRecord, now: number): number {
  const { status, startAt, wakeAt, slice, isUntold, reportAt } = record;
  // Nothing is erased before its last report has arrived.
  const expiresAt = reportAt === null ? record.expiresAt : Infinity;
  if (status === "scheduled") return startAt ?? now;
  const isAtRest = status === "paused" || !isUnderWay(record);
  if (isAtRest) return isUntold ? now : (wakeAt ?? expiresAt);
  if (status === "queued") return now + FIRST_ALARM_MS;
  const watchdog = now + (slice === undefined ? FIRST_ALARM_MS : WATCHDOG_MS);
  return wakeAt === null ? watchdog : Math.min(wakeAt, deadlineOf(record));
}
