// PATCH /batch-process/<id>: changes the options of a batch while it runs, and what it is called.
import { Batch } from "../../domain/batches/batch";
import { BatchChange } from "../../domain/batches/change-batch";
import { DomainError } from "../../domain/errors";
import { defineRoute } from "../../http/route";
import { batchJob } from "../../runtime/jobs";
import { BatchParams, batchReply, conditionOf, unknownBatch } from "./batch-replies";

/** Applies a merge patch; what is in flight is not touched. */
export const updateBatchRoute = defineRoute({
  operationId: "updateBatch",
  method: "PATCH",
  path: "/batch-process/:id",
  access: "open",
  params: BatchParams,
  body: BatchChange,
  bodyTypes: ["application/json", "application/merge-patch+json"],
  reply: { status: 200, schema: Batch, headers: ["ETag"] },
  problems: ["wrong-state", "precondition-failed"],
  handler: async ({ params: { id }, body }, context) => {
    const { env, ctx } = context;
    const by = await conditionOf(context, id);
    const job = batchJob(env, id);
    const changed = (await job.change(body, by)) ?? unknownBatch();
    if ("code" in changed)
      throw new DomainError(
        changed.code,
        changed.detail,
        changed.errors && { errors: changed.errors },
      );
    const { status } = changed;
    if (status === "running" || status === "queued")
      ctx.waitUntil(job.run().catch(() => undefined));
    return batchReply(id, changed);
  },
});
