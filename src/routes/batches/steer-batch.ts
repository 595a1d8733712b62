// POST /batch-process/<id>/cancel, pause, resume, retry: four routes of one shape.
import * as v from "valibot";
import { wrongState } from "../../domain/batches/wrong-state";
import { countChosen, RetryChoice } from "../../domain/batches/retry-choice";
import { Batch, isOver, type JobSummary } from "../../domain/batches/batch";
import { usesOfItems } from "../../domain/batches/batch-operations";
import { leaveFor, type StoredLeave } from "../../domain/batches/call-leave";
import type { Uses } from "../../domain/callers/budgets";
import { DomainError } from "../../domain/errors";
import { payerOf } from "../../http/admission";
import { defineRoute } from "../../http/route";
import { JOB_ACTIONS } from "../../domain/jobs/transitions";
import { batchJob } from "../../runtime/jobs";
import { BatchParams, batchReply, conditionOf, unknownBatch } from "./batch-replies";

/** One route for each action on a batch. */
export const steerBatchRoutes = JOB_ACTIONS.map((action) =>
  defineRoute({
    operationId: `${action}Batch`,
    method: "POST",
    path: `/batch-process/:id/${action}`,
    access: "open",
    params: BatchParams,
    ...(action === "retry" && { admitsItself: true as const, isBodyOptional: true as const }),
    ...(action === "retry" && { body: v.optional(RetryChoice) }),
    reply: { status: action === "retry" ? 202 : 200, schema: Batch, headers: ["ETag"] },
    problems: ["wrong-state", "precondition-failed"],
    handler: async ({ params: { id }, body, admit }, context) => {
      const { env, ctx, caller } = context;
      const by = await conditionOf(context, id);
      const job = batchJob(env, id);
      // Holders of a token have no budget to ask the job for.
      const isCounted = caller.kind !== "token" && action === "retry";
      const uses = isCounted ? usesOfRetry((await job.summary()) ?? unknownBatch(), body) : {};
      if (action === "retry") await admit(uses);
      const leave = leaveOf(payerOf(context), uses.calls);
      const result = (await job.act(action, body, leave, by)) ?? unknownBatch();
      const { summary, isDone, refusal } = result;
      if (refusal !== undefined) throw new DomainError(refusal.code, refusal.detail);
      if (!isDone) throw wrongState(action, summary);
      // Only for speed: the job's alarm runs the slice if this invocation dies.
      if (summary.status === "running") ctx.waitUntil(job.run().catch(() => undefined));
      return batchReply(id, summary);
    },
  }),
);

/** The leave that a retry has paid for; undefined if its calls are not counted. */
function leaveOf(payer: string | undefined, calls: number | undefined): StoredLeave | undefined {
  return payer === undefined || calls === undefined
    ? undefined
    : leaveFor(payer, calls, Date.now());
}

/** A retry is a submission of all that is chosen; one that cannot be is none. */
function usesOfRetry(summary: JobSummary, choice: RetryChoice = {}): Uses {
  const { operation, total, succeeded, failed, failedByCode } = summary;
  const chosen = countChosen(choice, { failedByCode, pending: total - succeeded - failed });
  if (!isOver(summary) || chosen === 0) return {};
  return { batches: 1, ...usesOfItems(operation, chosen) };
}
