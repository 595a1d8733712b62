// POST /batch-process/<id>/cancel, pause, resume, retry: four routes of one shape.
import * as v from "valibot";
import { RetryChoice } from "../../domain/batches/retry-choice";
import { Batch, isOver, toBatch, type JobSummary } from "../../domain/batches/batch";
import { usesOfItems } from "../../domain/batches/batch-operations";
import type { Uses } from "../../domain/callers/budgets";
import { defineRoute } from "../../http/route";
import { JOB_ACTIONS } from "../../domain/jobs/transitions";
import { batchJob } from "../../runtime/jobs";
import { BatchParams, unknownBatch, wrongState } from "./batch-replies";

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
    reply: { status: action === "retry" ? 202 : 200, schema: Batch },
    problems: ["wrong-state"],
    handler: async ({ params: { id }, body, admit }, { env, ctx, caller }) => {
      const job = batchJob(env, id);
      // Holders of a token have no budget to ask the job for.
      if (caller.kind === "token") await admit({});
      else if (action === "retry")
        await admit(usesOfRetry((await job.summary()) ?? unknownBatch()));
      const result = (await job.act(action, body)) ?? unknownBatch();
      const { summary, isDone } = result;
      if (!isDone) throw wrongState(action, summary);
      // Only for speed: the job's alarm runs the slice if this invocation dies.
      if (summary.status === "running") ctx.waitUntil(job.run().catch(() => undefined));
      return toBatch(id, summary);
    },
  }),
);

/** A retry is a submission of all that failed; one that cannot be is none. */
function usesOfRetry(summary: JobSummary): Uses {
  const { operation, failed } = summary;
  if (!isOver(summary) || failed === 0) return {};
  return { batches: 1, ...usesOfItems(operation, failed) };
}
