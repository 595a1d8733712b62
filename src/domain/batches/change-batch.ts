// Changes of a batch that its caller makes after it was submitted.
import * as v from "valibot";
import { applyMergePatch } from "../../lib/merge-patch";
import { strictObject } from "../../lib/strict-object";
import { DomainError, invalidBody, refused } from "../errors";
import type { JobRecord } from "../jobs/job-record";
import { canAct } from "../jobs/transitions";
import { MetadataPatch, patchMetadata } from "../records/metadata";
import { BatchLabel } from "./batch";
import { BatchOptions, boundedOptions, startOf } from "./batch-options";
import type { BatchWork } from "./job-record";
import { wrongState } from "./wrong-state";

const { concurrency, rate, max_attempts, stop_after_failures, timeout_s, start_at } =
  BatchOptions.entries;
const change = <Schema extends v.GenericSchema>({ wrapped }: { readonly wrapped: Schema }) =>
  v.exactOptional(v.nullable(wrapped));

/** A merge patch of a batch (RFC 7396). */
export const BatchChange = strictObject({
  options: v.exactOptional(
    v.pipe(
      strictObject({
        concurrency: change(concurrency),
        rate: change(rate),
        max_attempts: change(max_attempts),
        stop_after_failures: change(stop_after_failures),
        timeout_s: change(timeout_s),
        start_at: change(start_at),
      }),
      v.description(
        "Until it is over. null gives an option its default again. `start_at` can be moved until the batch has started, and null starts it.",
      ),
    ),
  ),
  label: v.exactOptional(v.nullable(BatchLabel)),
  metadata: v.exactOptional(MetadataPatch),
});
export type BatchChange = v.InferOutput<typeof BatchChange>;

/** The refusal of a change whose condition no longer holds. */
export const CHANGED_SINCE = refused(
  "precondition-failed",
  "The batch has changed since; read it again.",
);

/**
 * The work of a job after a change.
 *
 * @throws DomainError `wrong-state`, `invalid-body`
 */
export function changeBatch(
  job: JobRecord<BatchWork>,
  { options, label, metadata }: BatchChange,
): BatchWork {
  const patched = patchMetadata(job.work.metadata ?? {}, metadata);
  if ("fault" in patched) throw invalidBody([{ pointer: "#/metadata", detail: patched.fault }]);
  const { label: before, ...work } = job.work;
  const next = label === undefined ? before : label;
  return {
    ...work,
    ...(typeof next === "string" && { label: next }),
    metadata: patched.metadata,
    ...(options !== undefined && { options: changeOptions(job, options) }),
  };
}

function changeOptions(
  job: JobRecord<BatchWork>,
  patch: NonNullable<BatchChange["options"]>,
): BatchOptions {
  const { work, status, startedAt, startAt } = job;
  if (!canAct(job, "change")) throw wrongState("change", job);
  // The patch was validated, so what it makes of valid options is valid.
  const options = v.parse(BatchOptions, applyMergePatch(work.options, patch));
  const isWaiting = startedAt === null && status !== "queued";
  if (startOf(options) !== startAt && !isWaiting) {
    const detail = "The batch has started: `start_at` cannot be changed any more.";
    throw new DomainError("wrong-state", detail);
  }
  return boundedOptions(options, work.hasToken);
}
