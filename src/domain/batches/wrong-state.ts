import { DomainError } from "../errors";
import type { JobRecord } from "../jobs/job-record";
import { statesFor, type JobRequest } from "../jobs/transitions";

/** The refusal of what the state of a batch does not allow. */
export function wrongState(
  request: JobRequest,
  { status, finishedAt }: Pick<JobRecord, "status" | "finishedAt">,
): DomainError {
  const states = statesFor(request);
  if (request === "retry" && states.includes(status)) {
    const why =
      finishedAt === null
        ? "it still ends what is under way: wait until `finished_at` is set"
        : "none of its items is chosen, and nothing has changed";
    return new DomainError("wrong-state", `Cannot retry a batch that is ${status}: ${why}.`);
  }
  const allowed = `${states.slice(0, -1).join(", ")}${states.length > 1 ? " or " : ""}${states.at(-1)}`;
  const detail = `Cannot ${request} a batch that is ${status}: it must be ${allowed}.`;
  return new DomainError("wrong-state", detail);
}
