// Jobs and batches for tests: work to submit, chunks to submit it with, and upstreams to run it against.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { vi } from "vitest";
import { Batch, BatchReply, BatchStatus, type JobSummary } from "../../src/domain/batches/batch";
import { ItemResult } from "../../src/domain/batches/item-result";
import { resultsIn, type ResultsQuery } from "../../src/domain/batches/results";
import type { Job } from "../../src/durable-objects/job";
import { markedId } from "../../src/domain/batches/kept-batch";
import type { BatchWork, NewChunk } from "../../src/domain/batches/job-record";
import { batchJob, type JobStub } from "../../src/runtime/jobs";
import { post, send } from "./worker";

/** Milliseconds of a day. */
export const DAY_MS = 24 * 60 * 60_000;

/** Work of a batch: uppercase, unless said otherwise. */
export function batchWork(parts: Partial<BatchWork> = {}): BatchWork {
  return {
    kind: "batch",
    id: markedId(crypto.randomUUID(), false),
    createdAt: Date.now(),
    operation: "uppercase",
    options: { concurrency: 6, max_attempts: 3 },
    origin: "https://api.example",
    hasToken: true,
    notify: [],
    ...parts,
  };
}

/** Items in chunks of this size. */
export function chunksOf(items: readonly unknown[], size: number): NewChunk[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) => {
    const part = items.slice(at * size, (at + 1) * size);
    return {
      first: at * size,
      size: part.length,
      items: new TextEncoder().encode(JSON.stringify(part).slice(1, -1)),
    };
  });
}

/** `item 0`, `item 1`, … */
export function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `item ${index}`);
}

/** A job that was submitted and has not run. */
export interface OpenJob {
  readonly id: string;
  readonly job: JobStub;
  readonly stub: DurableObjectStub<Job>;
}

/** The object behind a batch's id. */
export function jobObject(id: string): DurableObjectStub<Job> {
  return env.JOBS.getByName(`batch:${id}`);
}

/** Submits items without running any, as those of a large batch, which come before the submit. */
export async function submitJob(
  items: readonly unknown[],
  parts: Partial<BatchWork> = {},
  chunkSize = 500,
): Promise<OpenJob> {
  const work = batchWork(parts);
  const job = batchJob(env, work.id);
  await job.append(chunksOf(items, chunkSize));
  await job.submit(work, items.length, 7 * DAY_MS, []);
  return { id: work.id, job, stub: jobObject(work.id) };
}

/** The summary of a job; fails the test if there is none. */
export async function summaryOf({ job }: Pick<OpenJob, "job">): Promise<JobSummary> {
  const summary = await job.summary();
  if (summary === null) throw new Error("There is no job");
  return summary;
}

/** Results of a job: all that have ended, in order, unless the query says otherwise. */
export async function resultsOf(
  { job }: Pick<OpenJob, "job">,
  query: Partial<ResultsQuery> = {},
): Promise<ItemResult[]> {
  const page = await job.results({ from: 0, limit: 1000, only: null, ...query });
  if (page === null) throw new Error("There is no job");
  return resultsIn(page.lines);
}

/** The instant of an object's alarm, or null. */
export function alarmOf(stub: DurableObjectStub): Promise<number | null> {
  return runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
}

/** One request to an upstream. */
interface Sent {
  readonly url: URL;
  /** `?n=` of the URL. */
  readonly n: number;
  /** Requests so far, this one included. */
  readonly count: number;
  readonly signal: AbortSignal;
  readonly headers: Headers;
}

/** Upstreams answer here, in place of the network. */
export function fakeUpstreams(answer: (sent: Sent) => Response | Promise<Response>) {
  let count = 0;
  return vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const signal = init?.signal ?? new AbortController().signal;
    count += 1;
    const headers = new Headers(init?.headers);
    return answer({ url, n: Number(url.searchParams.get("n")), count, signal, headers });
  });
}

/** Retries come at once, so that they need no alarm. */
export function withoutBackoff(): void {
  vi.spyOn(Math, "random").mockReturnValue(0);
}

/** `https://up.example/?n=0`, … */
export function urls(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `https://up.example/?n=${n}`);
}

/** POST /batch-process, and the batch of its 202, or of its 200 where it was waited for. */
export async function startBatch(
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
  vars: Record<string, unknown> = {},
): Promise<v.InferOutput<typeof BatchReply>> {
  const response = await post("/batch-process", body, headers, vars);
  const text = await response.text();
  if (response.status !== 202 && response.status !== 200) throw new Error(text);
  return v.parse(BatchReply, JSON.parse(text));
}

/** The batch as GET shows it. */
export async function readBatch(id: string): Promise<Batch> {
  return v.parse(Batch, await (await send(`/batch-process/${id}`)).json());
}

const Page = v.strictObject({
  status: BatchStatus,
  pending: v.number(),
  results: v.array(ItemResult),
  next_cursor: v.nullable(v.string()),
});

/** A page of results. `query` begins with `?`. */
export async function readResults(
  id: string,
  query = "?limit=1000",
): Promise<v.InferOutput<typeof Page>> {
  const response = await send(`/batch-process/${id}/results${query}`);
  return v.parse(Page, await response.json());
}
