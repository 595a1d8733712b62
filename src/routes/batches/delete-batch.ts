// DELETE /batch-process/<id>: deletes a batch and its results.
import * as v from "valibot";
import { DomainError } from "../../domain/errors";
import { defineRoute } from "../../http/route";
import { removeJob } from "../../runtime/jobs";
import { BatchParams, conditionOf, unknownBatch } from "./batch-replies";

/** Deletes a batch whatever its status. */
export const deleteBatchRoute = defineRoute({
  operationId: "deleteBatch",
  method: "DELETE",
  path: "/batch-process/:id",
  access: "open",
  params: BatchParams,
  reply: { status: 204, schema: v.undefined() },
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, context) => {
    const removed = await removeJob(context.env, id, await conditionOf(context, id));
    if (removed === false) unknownBatch();
    if (removed !== true) throw new DomainError(removed.code, removed.detail);
    return undefined;
  },
});
