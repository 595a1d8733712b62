// GET /batch-process/<id>: the status of a batch. Strongly consistent, since the batch's own object answers.
import { Batch, isOver, toBatch } from "../../domain/batches/batch";
import { isNotModified } from "../../http/etag";
import { Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { batchEtag, BatchParams, findBatch } from "./batch-replies";

/** Answers with status and counts, without results. */
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
    const etag = await batchEtag(id, summary);
    const headers = { ETag: etag, ...(!isOver(summary) && { "Retry-After": "1" }) };
    if (isNotModified(request.headers, { etag }))
      return new Reply(undefined, { status: 304, headers });
    return new Reply(toBatch(id, summary), { headers });
  },
});
