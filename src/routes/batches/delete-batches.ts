// DELETE /batch-process: removes many batches.
import * as v from "valibot";
import { BatchStatus } from "../../domain/batches/batch";
import { removeBatches } from "../../domain/batches/remove-batches";
import { anyOfParameter, InstantParameter } from "../../http/list";
import { defineRoute } from "../../http/route";
import { batchJob } from "../../runtime/jobs";
import { batchesIn } from "../../runtime/tables";

const Doomed = v.object(
  {
    status: anyOfParameter(BatchStatus.options),
    before: v.pipe(InstantParameter, v.description("Batches that were created before it.")),
  },
  "missing; `status` and `before` are both needed",
);

/** Deletes the batches in these states that were created before an instant, the oldest first. */
export const deleteBatchesRoute = defineRoute({
  operationId: "deleteBatches",
  method: "DELETE",
  path: "/batch-process",
  access: "token",
  query: Doomed,
  reply: { status: 200, schema: v.strictObject({ deleted: v.number() }) },
  problems: [],
  handler: async ({ query: { status, before } }, { env, requestId }) => ({
    deleted: await removeBatches(
      { status, createdBefore: before },
      {
        register: batchesIn(env),
        requestId,
        removeJob: (id, statuses) => batchJob(env, id).removeIn(statuses, requestId),
      },
    ),
  }),
});
