// The one table of what may be done to a job in which state, and which states follow. Routes, links, refusals, the
// console's buttons and the client's methods are derived from it, and the diagram in docs/architecture.md is compared.
import { JOB_STATUSES, type JobRecord, type JobStatus } from "./job-record";

/** Actions on a job that change its state. */
export const JOB_ACTIONS = ["cancel", "pause", "resume", "retry"] as const;
/** One of JOB_ACTIONS. */
export type JobAction = (typeof JOB_ACTIONS)[number];
/** Everything that the table allows or refuses: the actions, and a change of options. */
export type JobRequest = JobAction | "change";

/**
 * Every transition, with what causes it: a cause begins with the action's name if it is one. `new` and `gone` are the
 * ends of the diagram.
 */
export const JOB_TRANSITIONS: Readonly<
  Record<JobStatus | "new", Readonly<Partial<Record<JobStatus | "gone", string>>>>
> = {
  new: { scheduled: "submit with start_at", queued: "submit" },
  scheduled: {
    scheduled: "change",
    queued: "start_at, change",
    paused: "pause",
    cancelled: "cancel",
    gone: "delete",
  },
  queued: {
    queued: "change",
    running: "first slice",
    paused: "pause",
    cancelled: "cancel",
    gone: "delete",
  },
  running: {
    running: "change",
    paused: "pause, quota",
    cancelled: "cancel, stop_after_failures, timeout_s, end of a retry of some",
    completed: "no item is pending",
    gone: "delete",
  },
  paused: {
    paused: "change",
    scheduled: "resume before start_at",
    running: "resume, 00:00 UTC after quota",
    completed: "the items in flight were the last",
    cancelled: "cancel, end of a retry of some",
    gone: "delete, expiry",
  },
  cancelled: { running: "retry once over", gone: "delete, expiry" },
  completed: { running: "retry", gone: "delete, expiry" },
};

/** By request, once they are known: each reply that shows a batch asks for all. */
const states = new Map<JobRequest, readonly JobStatus[]>();

/** The states in which something may be done. */
export function statesFor(request: JobRequest): readonly JobStatus[] {
  const known = states.get(request) ?? findStates(request);
  states.set(request, known);
  return known;
}

function findStates(request: JobRequest): readonly JobStatus[] {
  return JOB_STATUSES.filter((status) =>
    Object.values(JOB_TRANSITIONS[status])
      .flatMap((causes) => causes.split(", "))
      .some((cause) => cause.split(" ")[0] === request),
  );
}

/** True if the state of the job allows an action, or a change of options. A job that is cancelled ends first. */
export function canAct(
  { status, finishedAt }: Pick<JobRecord, "status" | "finishedAt">,
  request: JobRequest,
): boolean {
  return statesFor(request).includes(status) && (request !== "retry" || finishedAt !== null);
}
