// GET /batch-process/<id>/events: progress as server-sent events. The Worker polls the job: a stream held by
// the job itself would keep its object in memory, and billed, for the whole time.
import * as v from "valibot";
import { isOver, toBatch, type JobSummary } from "../../domain/batches/batch";
import { follow, type FollowBounds, type FollowDeps } from "../../domain/batches/follow";
import { Reply, TextStream } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { batchJob, type JobsEnv } from "../../runtime/jobs";
import { BatchParams, findBatch } from "./batch-replies";
import { SERVICE_REQUESTS_PER_INVOCATION } from "../../domain/platform";

/**
 * Bounds of a stream: each look is a request to the job. The browser then reconnects by itself, with the id
 * of the last event that it has.
 */
const BOUNDS: FollowBounds = {
  maxLooks: SERVICE_REQUESTS_PER_INVOCATION - 100,
  maxMs: 15 * 60_000,
};
const RECONNECT_MS = 1000;

/** Streams the status of a batch at each change, until its end. */
export const getBatchEventsRoute = defineRoute({
  operationId: "getBatchEvents",
  method: "GET",
  path: "/batch-process/:id/events",
  access: "open",
  params: BatchParams,
  reply: { status: 200, schema: v.string(), mediaTypes: ["text/event-stream"] },
  otherReplies: [{ status: 204 }],
  requestHeaders: ["Last-Event-ID"],
  problems: [],
  handler: async ({ params: { id } }, { env, request }) => {
    const summary = await findBatch(env, id);
    const lastId = request.headers.get("Last-Event-ID");
    // Browsers reconnect after every end of a stream; 204 tells them to stop, since the batch is over and
    // they have the final event.
    if (isOver(summary) && lastId === endIdOf(summary))
      return new Reply(undefined, { status: 204 });
    return new Reply(new TextStream("text/event-stream", events(env, summary, id, lastId)), {});
  },
});

async function* events(
  env: JobsEnv,
  first: JobSummary,
  id: string,
  lastId: string | null,
): AsyncGenerator<string> {
  yield `retry: ${RECONNECT_MS}\n\n`;
  let sentId = lastId;
  const job = batchJob(env, id);
  const deps: FollowDeps = {
    ...BOUNDS,
    look: () => job.summary(),
    sleep: (ms) => scheduler.wait(ms),
    now: () => Date.now(),
  };
  for await (const summary of follow(first, deps)) {
    if (summary === null) {
      yield ": still here\n\n";
      continue;
    }
    const eventId = idOf(summary);
    const data = JSON.stringify(toBatch(id, summary));
    if (eventId !== sentId) yield `event: progress\nid: ${eventId}\ndata: ${data}\n\n`;
    sentId = eventId;
    if (isOver(summary)) yield `event: end\nid: ${endIdOf(summary)}\ndata: ${data}\n\n`;
  }
}

function idOf({ status, succeeded, failed }: JobSummary): string {
  return [status, succeeded, failed].join("-");
}

function endIdOf(summary: JobSummary): string {
  return `end-${idOf(summary)}`;
}
