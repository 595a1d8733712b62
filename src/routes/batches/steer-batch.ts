// POST /batch-process/<id>/cancel, pause, resume and retry: four routes of the same form.
import { Batch, toBatch } from "../../domain/batches/batch";
import { DomainError } from "../../domain/errors";
import { defineRoute } from "../../http/route";
import { JOB_ACTIONS, type JobAction } from "../../domain/batches/job-lifecycle";
import { batchJob } from "../../runtime/jobs";
import { BatchParams, unknownBatch } from "./batch-replies";

/** One route for each action on a batch. */
export const steerBatchRoutes = JOB_ACTIONS.map((action) =>
  defineRoute({
    operationId: `${action}Batch`,
    method: "POST",
    path: `/batch-process/:id/${action}`,
    access: "open",
    params: BatchParams,
    reply: { status: 200, schema: Batch },
    problems: ["wrong-state"],
    handler: async ({ params: { id } }, { env, ctx }) => {
      const job = batchJob(env, id);
      const result = (await job.act(action)) ?? unknownBatch();
      const { summary, isDone } = result;
      if (!isDone) {
        throw new DomainError(
          "wrong-state",
          `Cannot ${action} a batch that is ${describe(action, summary)}.`,
        );
      }
      // The alarm does the same a little later, should this invocation end.
      if (summary.status === "running") ctx.waitUntil(job.run().catch(() => undefined));
      return toBatch(id, summary);
    },
  }),
);

function describe(
  action: JobAction,
  { status, failed }: { status: string; failed: number },
): string {
  return action === "retry" && status === "completed" && failed === 0
    ? "without failed items"
    : status;
}
