// The life of a job: what each event makes of its record, what is to be done about it, and when its alarm is to ring.
// Pure: stores nothing, and knows no tenant.
import {
  deadlineOf,
  isActive,
  isUnderWay,
  type JobRecord,
  type JobWork,
  withoutStretch,
} from "./job-record";
import { nextStep } from "./alarm-of";
import { decided, type Decision, type JobEffect } from "./decision";
import { isAnswer, withAnswer, withReport, type ReportAnswer } from "./reports";
import { canAct, JOB_ACTIONS, type JobAction } from "./transitions";

/** Events in the life of a job. */
export type JobEvent<Work extends JobWork = JobWork> =
  /** An invocation wants to run items. `done`: items that have ended. */
  | { readonly type: "begin"; readonly done: number }
  /** Items have ended. */
  | { readonly type: "progress"; readonly failed: number }
  /** Nothing is in flight. `nextAt`: when an item can be started; null if none is left. */
  | {
      readonly type: "rest";
      readonly nextAt: number | null;
      readonly failed: number;
      /** Items that have not ended. */
      readonly pending: number;
      readonly waiting: JobRecord["waiting"];
      readonly hasOutage: boolean;
    }
  /** A budget of the day is spent. */
  | { readonly type: "quota"; readonly until: number }
  | { readonly type: Exclude<JobAction, "retry"> }
  | ({ readonly type: "retry" } & Pick<JobRecord, "isPartial" | "failedBefore">)
  /** The user changes the work's options. `startAt`: as it is now; absent where it stays. */
  | { readonly type: "change"; readonly work: Work; readonly startAt?: number | null }
  /** The end was told. */
  | { readonly type: "told" }
  | ReportAnswer
  /** The alarm rings. */
  | { readonly type: "alarm" };

type ActionEvent = Extract<JobEvent, { type: JobAction }>;

/** Backoff after a run that could reach nothing; doubles with each further one. */
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 60_000;

/**
 * Decides what an event makes of a job. Events that do not fit its state change nothing; see `canAct` for actions.
 */
export function decide<Work extends JobWork>(
  record: JobRecord<Work>,
  event: JobEvent<Work>,
  now: number,
): Decision<Work> {
  const next = isAnswer(event)
    ? { record: withAnswer(record, event), effects: [] }
    : withReport(record, event, decideAlone(record, event, now), now);
  return decided(next.record, next.effects, now);
}

function decideAlone<Work extends JobWork>(
  record: JobRecord<Work>,
  event: Exclude<JobEvent<Work>, ReportAnswer>,
  now: number,
): Decision<Work> {
  if (isAction(event)) return act(record, event, now);
  switch (event.type) {
    case "begin":
      return begin(record, event.done, now);
    case "progress":
      return decided(stopped(record, event.failed, now), [], now);
    case "rest":
      return rest(record, event, now);
    case "quota":
      return pause(record, "quota", event.until, now);
    case "change":
      return change(record, event, now);
    case "told":
      return decided({ ...record, isUntold: false }, [], now);
    case "alarm":
      return ring(record, now);
  }
}

function isAction(event: JobEvent): event is ActionEvent {
  return JOB_ACTIONS.some((action) => action === event.type);
}

function act<Work extends JobWork>(
  record: JobRecord<Work>,
  event: ActionEvent,
  now: number,
): Decision<Work> {
  const { type: action } = event;
  if (!canAct(record, action)) return decided(record, [], now);
  if (action === "cancel") return decided(cancelled(record, "by-request"), ["run"], now);
  if (action === "pause") return pause(record, "by-request", null, now);
  return event.type === "retry" ? retry(record, event, now) : resume(record, now);
}

function change<Work extends JobWork>(
  record: JobRecord<Work>,
  { work, startAt = record.startAt }: Extract<JobEvent<Work>, { type: "change" }>,
  now: number,
): Decision<Work> {
  // Looks again at a job that rests: it may go on sooner by the new options.
  const wakeAt = isActive(record) ? null : record.wakeAt;
  const changed = { ...record, work, startAt, wakeAt };
  const isMoved = record.status === "scheduled" && startAt !== record.startAt;
  if (!isMoved) return decided(changed, isActive(record) ? ["run"] : [], now);
  const isLater = startAt !== null && startAt > now;
  const expiresAt = (isLater ? startAt : now) + record.retentionMs;
  const status = isLater ? "scheduled" : "queued";
  return decided({ ...changed, expiresAt, status }, isLater ? [] : ["run"], now);
}

function retry<Work extends JobWork>(
  record: JobRecord<Work>,
  { isPartial = false, failedBefore = 0 }: Extract<JobEvent, { type: "retry" }>,
  now: number,
): Decision<Work> {
  const begun = { run: record.run + 1, ranBefore: record.ranMs, isPartial, failedBefore };
  const again = { ...goingOn(record, now), ...begun };
  return decided(again, ["run"], now);
}

function resume<Work extends JobWork>(record: JobRecord<Work>, now: number): Decision<Work> {
  const isLater = record.startedAt === null && (record.startAt ?? 0) > now;
  if (!isLater) return decided(goingOn(record, now), ["run"], now);
  return decided({ ...record, status: "scheduled", reason: null }, [], now);
}

function goingOn<Work extends JobWork>(record: JobRecord<Work>, now: number): JobRecord<Work> {
  return {
    ...record,
    status: "running",
    reason: null,
    finishedAt: null,
    startedAt: record.startedAt ?? now,
    runningSince: now,
    wakeAt: null,
    waiting: null,
  };
}

/** A job that is paused. It expires as if it had ended now. */
function pause<Work extends JobWork>(
  record: JobRecord<Work>,
  reason: "by-request" | "quota",
  wakeAt: number | null,
  now: number,
): Decision<Work> {
  if (reason === "quota" && !isActive(record)) return decided(record, [], now);
  const paused = {
    ...withoutStretch(record, now),
    status: "paused" as const,
    reason,
    wakeAt,
    waiting: null,
    expiresAt: Math.max(now, wakeAt ?? 0) + record.retentionMs,
  };
  return decided(paused, ["run"], now);
}

function begin<Work extends JobWork>(
  record: JobRecord<Work>,
  done: number,
  now: number,
): Decision<Work> {
  if (!isActive(record)) return decided(record, [], now);
  const { slice } = record;
  const begun: JobRecord<Work> = {
    ...record,
    status: "running",
    startedAt: record.startedAt ?? now,
    runningSince: record.runningSince ?? now,
    wakeAt: null,
    waiting: null,
    slice: { done, stuck: slice?.done === done ? slice.stuck + 1 : 0 },
  };
  return decided(begun, [], now);
}

/** The job once it has failed too often or taken too long; else as it was. */
function stopped<Work extends JobWork>(
  record: JobRecord<Work>,
  failed: number,
  now: number,
): JobRecord<Work> {
  if (!isActive(record)) return record;
  if (hasFailedEnough(record, failed)) return cancelled(record, "failures");
  return now >= deadlineOf(record) ? cancelled(record, "timeout") : record;
}

function cancelled<Work extends JobWork>(
  record: JobRecord<Work>,
  reason: JobRecord["reason"],
): JobRecord<Work> {
  return { ...record, status: "cancelled", reason, wakeAt: null, waiting: null };
}

/** True if as many items have failed in this run as `stop_after_failures` allows. */
export function hasFailedEnough({ work, failedBefore = 0 }: JobRecord, failed: number): boolean {
  const limit = work.options.stop_after_failures;
  return limit !== undefined && failed - failedBefore >= limit;
}

function rest<Work extends JobWork>(
  begun: JobRecord<Work>,
  { nextAt, failed, pending, waiting, hasOutage }: Extract<JobEvent, { type: "rest" }>,
  now: number,
): Decision<Work> {
  if (!isUnderWay(begun)) return decided(begun, [], now);
  const { slice: _, outages = 0, ...rested } = begun;
  const record: JobRecord<Work> = { ...rested, ...(hasOutage && { outages: outages + 1 }) };
  if (nextAt === null && record.status !== "cancelled") {
    // Items that the retry left out are still pending, so that the batch is not completed.
    if (record.isPartial === true && pending > 0)
      return end(cancelled(record, "by-request"), "cancelled", now);
    return end(record, "completed", now);
  }
  const next = stopped(record, failed, now);
  if (next.status === "cancelled") return end(next, "cancelled", now);
  if (next.status !== "running") return decided(next, [], now);
  const backoffMs = hasOutage ? Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** outages) : 0;
  const wakeAt = Math.max(nextAt ?? now, now + backoffMs);
  return decided({ ...next, wakeAt, waiting }, [], now);
}

function end<Work extends JobWork>(
  record: JobRecord<Work>,
  status: "completed" | "cancelled",
  now: number,
): Decision<Work> {
  const { slice: _, ...unmarked } = withoutStretch(record, now);
  const ended: JobRecord<Work> = {
    ...unmarked,
    status,
    reason: status === "completed" ? null : record.reason,
    finishedAt: now,
    expiresAt: now + record.retentionMs,
    wakeAt: null,
    waiting: null,
    isUntold: true,
  };
  return decided(ended, ["announce"], now);
}

function ring<Work extends JobWork>(record: JobRecord<Work>, now: number): Decision<Work> {
  const { status, reason, expiresAt, isUntold, wakeAt } = record;
  const isExpired = expiresAt <= now;
  const isTime = now >= nextStep(record, now);
  if (status === "scheduled")
    return isTime
      ? decided({ ...record, status: "queued" }, ["run"], now)
      : decided(record, [], now);
  const isNextDay = reason === "quota" && wakeAt !== null && now >= wakeAt;
  if (status === "paused" && isNextDay) return act(record, { type: "resume" }, now);
  // A retry may have begun before the channels heard of the end of the run before it.
  const untold: readonly JobEffect[] = isUntold ? ["announce"] : [];
  if (status !== "paused" && isUnderWay(record)) return decided(record, ["run", ...untold], now);
  return decided(record, isExpired && !isUntold ? ["erase"] : untold, now);
}
