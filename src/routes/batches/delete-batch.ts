// DELETE /batch-process/<id>: deletes a batch and its results.
import * as v from "valibot";
import { defineRoute } from "../../http/route";
import { batchJob } from "../../runtime/jobs";
import { BatchParams, unknownBatch } from "./batch-replies";

/** Deletes a batch whatever its status. */
export const deleteBatchRoute = defineRoute({
  operationId: "deleteBatch",
  method: "DELETE",
  path: "/batch-process/:id",
  access: "open",
  params: BatchParams,
  reply: { status: 204, schema: v.undefined() },
  problems: [],
  handler: async ({ params: { id } }, { env }) => {
    if (!(await batchJob(env, id).remove())) unknownBatch();
    return undefined;
  },
});
