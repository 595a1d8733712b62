// DELETE /batch-process/<id>: deletes a batch and its results.
import * as v from "valibot";
import { hasConditions, requireConditions } from "../../http/etag";
import { defineRoute } from "../../http/route";
import { batchJob } from "../../runtime/jobs";
import { batchEtag, BatchParams, findBatch, unknownBatch } from "./batch-replies";

/** Deletes a batch whatever its status. */
export const deleteBatchRoute = defineRoute({
  operationId: "deleteBatch",
  method: "DELETE",
  path: "/batch-process/:id",
  access: "open",
  params: BatchParams,
  reply: { status: 204, schema: v.undefined() },
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, { env, request }) => {
    // Checked before the removal, not with it: a change by somebody else in between is not seen.
    if (hasConditions(request.headers))
      requireConditions(request.headers, { etag: await batchEtag(id, await findBatch(env, id)) });
    if (!(await batchJob(env, id).remove())) unknownBatch();
    return undefined;
  },
});
