// GET /batch-process/<id>/events: progress as server-sent events.
import * as v from "valibot";
import { afterEach, describe, it } from "vitest";
import { Batch } from "../../../src/domain/batches/batch";
import { startBatch, submitJob, texts } from "../../support/jobs";
import { restoreWorld } from "../../support/users";
import { send } from "../../support/worker";

afterEach(restoreWorld);

interface ServerSentEvent {
  readonly event: string;
  readonly id: string;
  readonly data: Batch;
}

async function* eventsIn(response: Response): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of response.body ?? new ReadableStream<Uint8Array>()) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(
        block.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]),
      );
      const [event, id, data] = [fields.get("event"), fields.get("id"), fields.get("data")];
      if (event !== undefined && id !== undefined && data !== undefined)
        yield { event, id, data: v.parse(Batch, JSON.parse(data)) };
    }
  }
}

const follow = (id: string, lastId?: string) =>
  send(
    `/batch-process/${id}/events`,
    lastId === undefined ? {} : { headers: { "Last-Event-ID": lastId } },
  );

async function all(response: Response): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  for await (const event of eventsIn(response)) events.push(event);
  return events;
}

describe("events", () => {
  it("of a finished batch are its state and the end", async ({ expect }) => {
    const { id } = await startBatch({ operation: "uppercase", items: texts(3) });
    const response = await follow(id);
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const events = await all(response);
    expect(events.map(({ event }) => event)).toEqual(["progress", "end"]);
    expect(events[1]?.data).toMatchObject({ id, status: "completed", succeeded: 3 });
  });

  it("tell of every change, once, and end with the batch", async ({ expect }) => {
    const { id, job } = await submitJob(texts(3));
    const events: string[] = [];
    for await (const { event, data } of eventsIn(await follow(id))) {
      events.push(`${event} ${data.status} ${data.succeeded}`);
      if (data.status === "queued") await job.run();
    }
    expect(events).toEqual(["progress queued 0", "progress completed 3", "end completed 3"]);
  });

  it("go on after a reconnect with what is new", async ({ expect }) => {
    const { id, job } = await submitJob(texts(3));
    const first = (await eventsIn(await follow(id)).next()).value as ServerSentEvent;
    expect(first.data.status).toBe("queued");
    await job.run();
    expect((await all(await follow(id, first.id))).map(({ data }) => data.status)).toEqual([
      "completed",
      "completed",
    ]);
  });

  it("tell a browser that has seen the end to stop asking", async ({ expect }) => {
    const { id, job } = await submitJob([1]);
    await job.run();
    const end = (await all(await follow(id))).at(-1);
    expect((await follow(id, end?.id)).status).toBe(204);
    // Its failed item is run again: there is more to come.
    await job.act("retry");
    const more = await follow(id, end?.id);
    expect(more.status).toBe(200);
    await job.run();
    expect((await all(more)).map(({ event }) => event)).toEqual(["progress", "progress", "end"]);
  });

  it("end when the batch is removed", async ({ expect }) => {
    const { id, job } = await submitJob(texts(3));
    const events: string[] = [];
    for await (const { event } of eventsIn(await follow(id))) {
      events.push(event);
      await job.remove();
    }
    expect(events).toEqual(["progress"]);
  });

  it("stop when the reader goes away", async ({ expect }) => {
    const { id } = await submitJob(texts(3));
    const response = await follow(id);
    const reader = (response.body ?? new ReadableStream<Uint8Array>()).getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("retry: 1000\n\n");
    await expect(reader.cancel()).resolves.toBeUndefined();
  });
});
