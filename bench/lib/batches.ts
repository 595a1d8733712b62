// Batches of short texts, submitted and followed to their end.
import { type Client, type Shot } from "./load.ts";

const POLL_MS = 25;

/** The fields of a batch that scenarios read. */
interface Batch {
  readonly id: string;
  readonly status: string;
  readonly succeeded: number;
  readonly finished_at: string | null;
}

/** A batch of so many texts to be put in upper case, as NDJSON, which takes 100,000. */
export function batchShot(items: number): Shot {
  const lines = Array.from({ length: items }, (_, n) => JSON.stringify(`item ${n}`));
  return {
    method: "POST",
    path: "/batch-process?operation=uppercase",
    headers: { "Content-Type": "application/x-ndjson" },
    body: lines.join("\n"),
  };
}

/** Submits a batch and returns its id. */
export async function submit(client: Client, shot: Shot): Promise<string> {
  const { status, body } = await client.send(shot);
  if (status !== 202) throw new Error(`${status} ${body}`);
  const { id }: Batch = JSON.parse(body);
  return id;
}

/** Waits until a batch is over, and returns when that was, in milliseconds since 1970 UTC. */
export async function untilOver(client: Client, id: string, items: number): Promise<number> {
  for (;;) {
    const shot = { method: "GET", path: `/batch-process/${id}`, headers: {}, body: "" };
    const batch: Batch = JSON.parse((await client.send(shot)).body);
    if (batch.status === "completed" && batch.finished_at !== null) {
      if (batch.succeeded !== items) throw new Error(`${batch.succeeded} of ${items} succeeded`);
      return Date.parse(batch.finished_at);
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
