// PATCH /batch-process/<id>: changes the options of a batch while it runs.
import * as v from "valibot";
import { BatchOptions } from "../../domain/batches/batch-options";
import { Batch, toBatch } from "../../domain/batches/batch";
import { strictObject } from "../../lib/strict-object";
import { hasConditions, requireConditions } from "../../http/etag";
import { defineRoute } from "../../http/route";
import { batchJob } from "../../runtime/jobs";
import { batchEtag, BatchParams, findBatch, unknownBatch, wrongState } from "./batch-replies";

const { concurrency, rate, max_attempts, stop_after_failures, timeout_s } = BatchOptions.entries;
const change = <Schema extends v.GenericSchema>({ wrapped }: { readonly wrapped: Schema }) =>
  v.exactOptional(v.nullable(wrapped));

const BatchChange = strictObject({
  options: v.pipe(
    strictObject({
      concurrency: change(concurrency),
      rate: change(rate),
      max_attempts: change(max_attempts),
      stop_after_failures: change(stop_after_failures),
      timeout_s: change(timeout_s),
    }),
    v.description("A merge patch (RFC 7396): null gives an option its default again."),
  ),
});

/** Applies a merge patch to the options; what is in flight is not touched. */
export const updateBatchRoute = defineRoute({
  operationId: "updateBatch",
  method: "PATCH",
  path: "/batch-process/:id",
  access: "open",
  params: BatchParams,
  body: BatchChange,
  bodyTypes: ["application/json", "application/merge-patch+json"],
  reply: { status: 200, schema: Batch },
  problems: ["wrong-state", "precondition-failed"],
  handler: async ({ params: { id }, body }, { env, ctx, request }) => {
    // Checked before the change, not with it: a change by somebody else in between is not seen.
    if (hasConditions(request.headers))
      requireConditions(request.headers, { etag: await batchEtag(id, await findBatch(env, id)) });
    const job = batchJob(env, id);
    const { summary, isDone } = (await job.change(body.options)) ?? unknownBatch();
    if (!isDone) throw wrongState("change", summary);
    if (summary.status === "running") ctx.waitUntil(job.run().catch(() => undefined));
    return toBatch(id, summary);
  },
});
