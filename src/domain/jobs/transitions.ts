// What may be done to a job in which state, and which states follow.
import type { JobStatus } from "./job-record";

/** Actions on a job. */
export const JOB_ACTIONS = ["cancel", "pause", "resume", "retry"] as const;
/** One of JOB_ACTIONS. */
export type JobAction = (typeof JOB_ACTIONS)[number];

/** The states from which each action is allowed, and for a retry only once the job is over. */
export const ACTIONS_FROM: Readonly<Record<JobAction, readonly JobStatus[]>> = {
  cancel: ["scheduled", "queued", "running", "paused"],
  pause: ["scheduled", "queued", "running"],
  resume: ["paused"],
  retry: ["completed", "cancelled"],
};

/** Every transition, with what causes it; `new` and `gone` are the ends of the diagram in docs/architecture.md. */
export const JOB_TRANSITIONS: Readonly<
  Record<JobStatus | "new", Readonly<Partial<Record<JobStatus | "gone", string>>>>
> = {
  new: { scheduled: "submit with start_at", queued: "submit" },
  scheduled: { queued: "start_at", paused: "pause", cancelled: "cancel", gone: "delete" },
  queued: { running: "first slice", paused: "pause", cancelled: "cancel", gone: "delete" },
  running: {
    paused: "pause, quota",
    cancelled: "cancel, stop_after_failures, timeout_s",
    completed: "no item is pending",
    gone: "delete",
  },
  paused: {
    scheduled: "resume before start_at",
    running: "resume, 00:00 UTC after quota",
    completed: "the items in flight were the last",
    cancelled: "cancel",
    gone: "delete, expiry",
  },
  cancelled: { running: "retry", gone: "delete, expiry" },
  completed: { running: "retry", gone: "delete, expiry" },
};
