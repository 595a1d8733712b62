// Following a batch over connections that break, fall silent or bring nothing.
import { describe, it } from "vitest";
import {
  collect,
  eventStream,
  fakeClient,
  refusal,
  streamOf,
  type SentCall,
  watchedStream,
} from "../support/client";
import { FakeClock, settle } from "../support/fake-clock";

const state = (succeeded: number, status = "running") => ({ id: "b1", status, succeeded });
const event = (name: string, succeeded: number, status?: string) =>
  `event: ${name}\nid: ${name}-${succeeded}\ndata: ${JSON.stringify(state(succeeded, status))}\n\n`;
const lastIds = (calls: readonly SentCall[]) =>
  calls.map(({ headers }) => headers.get("Last-Event-ID"));
const END = [event("progress", 3, "completed"), event("end", 3, "completed")];

/** A client whose n-th connection brings the n-th pieces. */
function follow(...connections: readonly (readonly (string | Error)[])[]) {
  return fakeClient((_, count) => eventStream(streamOf(connections[count - 1] ?? END)));
}

/** A connection that brings a beginning, and then nothing until it is aborted. */
function silentUntil(signal: AbortSignal | null | undefined): Response {
  const body = new ReadableStream({
    start: (controller) => {
      controller.enqueue(new TextEncoder().encode("retry: 50\n\n"));
      signal?.addEventListener("abort", () => controller.error(signal.reason));
    },
  });
  return eventStream(body);
}

describe("progress", () => {
  it("gives each state once, and the last one only once", async ({ expect }) => {
    const { client, calls } = follow([
      "retry: 50\n\n",
      event("progress", 1),
      ": still\n\n",
      ...END,
    ]);
    const states = await collect(client.batchById("b1").progress());
    expect(states).toEqual([state(1), state(3, "completed")]);
    expect(calls[0]?.url).toBe("https://api.example/batch-process/b1/events");
    expect(calls[0]?.headers.get("Accept")).toBe("text/event-stream");
  });

  it("goes on where a broken connection ended", async ({ expect }) => {
    const { client, calls, waits } = follow(
      ["retry: 50\n\n", event("progress", 1), new TypeError("reset")],
      [event("progress", 2)],
    );
    const states = await collect(client.batchById("b1").progress());
    expect(states.map(({ succeeded }) => succeeded)).toEqual([1, 2, 3]);
    expect(lastIds(calls)).toEqual([null, "progress-1", "progress-2"]);
    expect(waits).toHaveLength(2);
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(250);
    for (const wait of waits) expect(wait).toBeGreaterThanOrEqual(50);
  });

  it("asks again for an event that was cut off", async ({ expect }) => {
    const whole = event("progress", 2);
    const { client, calls } = follow([event("progress", 1), whole.slice(0, -1)], [whole]);
    const states = await collect(client.batchById("b1").progress());
    expect(states.map(({ succeeded }) => succeeded)).toEqual([1, 2, 3]);
    expect(lastIds(calls)).toEqual([null, "progress-1", "progress-2"]);
  });

  it("ends with an end that comes alone after a break", async ({ expect }) => {
    const { client } = follow([event("progress", 3, "completed")], [event("end", 3, "completed")]);
    expect(await collect(client.batchById("b1").progress())).toEqual([state(3, "completed")]);
  });

  it("gives the end's state where no progress told it", async ({ expect }) => {
    const { client } = follow([event("progress", 1)], [event("end", 3, "completed")]);
    expect(await client.batchById("b1").wait()).toEqual(state(3, "completed"));
  });

  it("reads on when the end was told, until the connection closes", async ({ expect }) => {
    const { body, wasCancelled } = watchedStream(END);
    const { client } = fakeClient(() => eventStream(body));
    expect(await client.batchById("b1").wait()).toEqual(state(3, "completed"));
    expect(wasCancelled()).toBe(false);
  });

  it("is over with the end, whatever becomes of the connection", async ({ expect }) => {
    const { client, calls } = follow([...END, new TypeError("reset")]);
    expect(await client.batchById("b1").wait()).toEqual(state(3, "completed"));
    expect(calls).toHaveLength(1);
  });

  it("goes on after a cancel until what was under way is in", async ({ expect }) => {
    const { client } = follow([
      event("progress", 1, "cancelled"),
      event("progress", 2, "cancelled"),
      event("end", 2, "cancelled"),
    ]);
    expect(await client.batchById("b1").wait()).toEqual(state(2, "cancelled"));
  });

  it("is given up when connections bring nothing again and again", async ({ expect }) => {
    const { client, calls } = fakeClient(() => eventStream(streamOf([])));
    await expect(collect(client.batchById("b1").progress())).rejects.toThrow("empty");
    expect(calls).toHaveLength(31);
  });

  it("goes on when a server fails in between", async ({ expect }) => {
    const { client } = fakeClient((_, count) =>
      count === 1 ? refusal(500, "internal") : eventStream(streamOf(END)),
    );
    expect(await client.batchById("b1").wait()).toEqual(state(3, "completed"));
  });

  it("goes on for as long as connections bring something", async ({ expect }) => {
    const connections = Array.from({ length: 40 }, (_, n) => [event("progress", n)]);
    const { client, calls } = follow(...connections);
    expect(await collect(client.batchById("b1").progress())).toHaveLength(41);
    expect(calls).toHaveLength(41);
  });

  it("throws when the batch is removed meanwhile", async ({ expect }) => {
    const { client } = fakeClient((_, count) =>
      count === 1 ? eventStream(streamOf([event("progress", 1)])) : refusal(404, "not-found"),
    );
    const progress = client.batchById("b1").progress();
    expect((await progress.next()).value).toEqual(state(1));
    await expect(progress.next()).rejects.toMatchObject({ code: "not-found" });
  });

  it("leaves a connection that is silent for half a minute", async ({ expect }) => {
    const clock = new FakeClock();
    let count = 0;
    const fetch = async (_: string, { signal }: RequestInit) => {
      count += 1;
      return count === 1 ? silentUntil(signal) : eventStream(streamOf(END));
    };
    const { client } = fakeClient(() => eventStream(null), { fetch }, clock);
    const done = client.batchById("b1").wait();
    await settle();
    await clock.advance(29_000);
    expect(count).toBe(1);
    await clock.advance(4000);
    expect(count).toBe(2);
    expect(await done).toEqual(state(3, "completed"));
    expect(clock.pending).toBe(0);
  });

  it("keeps a connection that says something now and then", async ({ expect }) => {
    const clock = new FakeClock();
    const pieces = [event("progress", 1), ": still here\n\n", ": still here\n\n", ...END];
    const body = streamOf(pieces, () => clock.sleep(20_000, new AbortController().signal));
    const { client, calls } = fakeClient(() => eventStream(body), {}, clock);
    const done = client.batchById("b1").wait();
    await clock.advance(120_000);
    expect(await done).toEqual(state(3, "completed"));
    expect(calls).toHaveLength(1);
  });

  it("ends at an abort, also between connections", async ({ expect }) => {
    const controller = new AbortController();
    const { client } = follow([event("progress", 1)]);
    const progress = client.batchById("b1").progress({ signal: controller.signal });
    await progress.next();
    const reason = new Error("enough");
    controller.abort(reason);
    await expect(progress.next()).rejects.toBe(reason);
  });

  it("tells when the connection is lost and when it is found again", async ({ expect }) => {
    const said: (string | boolean)[] = [];
    const { client } = fakeClient((_, count) => {
      said.push(`connection ${count}`);
      if (count === 2 || count === 3) return Promise.reject(new TypeError("no network"));
      return eventStream(
        streamOf(count === 1 ? [event("progress", 1), new TypeError("reset")] : END),
      );
    });
    await client.batchById("b1").wait({ onConnection: (isConnected) => said.push(isConnected) });
    expect(said).toEqual([
      "connection 1",
      false,
      "connection 2",
      "connection 3",
      "connection 4",
      true,
    ]);
  });

  it("says nothing of a stream that the Worker ends after its time", async ({ expect }) => {
    const said: boolean[] = [];
    const { client } = follow([event("progress", 1)], END);
    await client.batchById("b1").wait({ onConnection: (isConnected) => said.push(isConnected) });
    expect(said).toEqual([]);
  });

  it("waits for the Worker behind a captive portal that came up meanwhile", async ({ expect }) => {
    const portal = () =>
      new Response("<h1>Hello</h1>", { headers: { "Content-Type": "text/html" } });
    const { client, calls } = fakeClient((_, count) => {
      if (count === 2) return portal();
      return eventStream(streamOf(count === 1 ? [event("progress", 1)] : END));
    });
    expect(await client.batchById("b1").wait()).toEqual(state(3, "completed"));
    expect(calls).toHaveLength(3);
  });
});
