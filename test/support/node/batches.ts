// A caller of batches in tests over real HTTP.
import * as v from "valibot";

import { until } from "./until";

const Batch = v.looseObject({
  id: v.string(),
  status: v.picklist(["queued", "running", "paused", "cancelled", "completed"]),
  total: v.number(),
  succeeded: v.number(),
  failed: v.number(),
  pending: v.number(),
});
export type Batch = v.InferOutput<typeof Batch>;

const Result = v.object({
  index: v.number(),
  status: v.picklist(["succeeded", "failed"]),
  output: v.optional(v.unknown()),
  error: v.optional(v.looseObject({ code: v.string() })),
  attempts: v.number(),
});
export type Result = v.InferOutput<typeof Result>;

async function parsed<T>(response: Response, schema: v.GenericSchema<unknown, T>): Promise<T> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${String(response.status)} ${text}`);
  return v.parse(schema, JSON.parse(text));
}

/** POST /batch-process in JSON: the batch of the 202. */
export async function submit(origin: string, body: unknown): Promise<Batch> {
  const headers = { "content-type": "application/json" };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return parsed(await fetch(`${origin}/batch-process`, init), Batch);
}

/** POST /batch-process in NDJSON, an item a line. */
export async function submitLines(
  origin: string,
  operation: string,
  items: readonly unknown[],
): Promise<Batch> {
  const body = items.map((item) => JSON.stringify(item)).join("\n");
  const headers = { "content-type": "application/x-ndjson" };
  const url = `${origin}/batch-process?operation=${encodeURIComponent(operation)}`;
  return parsed(await fetch(url, { method: "POST", headers, body }), Batch);
}

/** The batch as GET shows it. */
export async function readBatch(origin: string, id: string): Promise<Batch> {
  return parsed(await fetch(`${origin}/batch-process/${id}`), Batch);
}

/** The batch once it is completed or cancelled; fails the test once nothing moves any more. */
export function untilOver(origin: string, id: string): Promise<Batch> {
  return until(
    () => readBatch(origin, id),
    ({ status }) => status === "completed" || status === "cancelled",
  );
}

/** All results so far, in the order in which they come. */
export async function readResults(origin: string, id: string): Promise<Result[]> {
  const headers = { accept: "application/x-ndjson" };
  const response = await fetch(`${origin}/batch-process/${id}/results`, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`${String(response.status)} ${text}`);
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => v.parse(Result, JSON.parse(line)));
}

/** POST …/cancel, pause, resume or retry: the batch after it. */
export async function act(origin: string, id: string, action: string): Promise<Batch> {
  return parsed(await fetch(`${origin}/batch-process/${id}/${action}`, { method: "POST" }), Batch);
}

/** `item 0`, `item 1`, … */
export function texts(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `item ${String(index)}`);
}
