// GET /batch-process/<id>: how far a batch is. Strongly consistent: it is asked of the batch itself.
import { Batch, isOver, toBatch } from "../../domain/batches/batch";
import { isNotModified } from "../../http/etag";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { batchEtag, BatchParams, findBatch } from "./batch-replies";

export const getBatchRoute = defineRoute({
  operationId: "getBatch",
  method: "GET",
  path: "/batch-process/:id",
  access: "open",
  params: BatchParams,
  reply: { status: 200, schema: Batch, headers: ["ETag", "Retry-After"] },
  otherReplies: [{ status: 304, headers: ["ETag", "Retry-After"] }],
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, { env, request }) => {
    const summary = await findBatch(env, id);
    const etag = batchEtag(summary);
    const headers = { ETag: etag, ...(!isOver(summary) && { "Retry-After": "1" }) };
    if (isNotModified(request.headers, { etag }))
      return new Reply(undefined, { status: 304, headers });
    return new Reply(toBatch(id, summary), { headers });
  },
});
