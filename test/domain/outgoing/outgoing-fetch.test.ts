import { describe, it } from "vitest";
import { fixedLimit } from "../../../src/lib/deadline";
import {
  FetchFailure,
  sendRequest,
  type Outgoing,
} from "../../../src/domain/outgoing/outgoing-fetch";
import { Semaphore } from "../../../src/lib/semaphore";
import { settle } from "../../support/fake-clock";
import {
  after,
  endless,
  fakeOutgoing,
  outgoingRequest,
  silence,
  textOf,
  wholeDeadline,
  type FakeOutgoing,
} from "../../support/fake-outgoing";

/** Sends one request, lets `ms` pass, and returns how it ended. */
async function run(
  outgoing: FakeOutgoing,
  request: Parameters<typeof outgoingRequest>[0] = {},
  ms = 30_000,
  deadline = wholeDeadline(outgoing.clock),
) {
  const outcome = sendRequest(outgoingRequest(request), outgoing, deadline).finally(deadline.clear);
  await outgoing.clock.advance(ms);
  return outcome;
}

function failureOf({ result }: Awaited<ReturnType<typeof sendRequest>>): string {
  return result instanceof FetchFailure ? result.code : `status ${result.status}`;
}

describe("sendRequest", () => {
  it("returns the whole response and sends what it was given", async ({ expect }) => {
    const outgoing = fakeOutgoing(
      () => new Response("hello", { status: 201, headers: { "X-A": "1" } }),
    );
    const { result, attempts, startedAt } = await run(outgoing, {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "hi",
    });

    expect(outgoing.sent).toMatchObject([
      { url: "https://up.example/", method: "POST", body: "hi", redirect: "manual" },
    ]);
    expect(result).toMatchObject({ url: "https://up.example/", status: 201, redirects: 0 });
    expect(textOf(result)).toBe("hello");
    expect(result instanceof FetchFailure || result.headers.get("X-A")).toBe("1");
    expect({ attempts, startedAt }).toEqual({ attempts: 1, startedAt: 0 });
  });

  it("takes a 204 without a body for an empty one", async ({ expect }) => {
    const { result } = await run(fakeOutgoing(() => new Response(null, { status: 204 })));
    expect(result).toMatchObject({ status: 204, bytes: new Uint8Array() });
  });

  it("calls whatever else is thrown a network failure, and quotes nothing of it", async ({
    expect,
  }) => {
    const outgoing = fakeOutgoing(() => {
      throw new TypeError("cannot connect to 10.0.0.7:99");
    });
    const { result } = await run(outgoing);
    expect(result).toMatchObject({ code: "network", message: expect.not.stringContaining("10.") });
  });

  it("calls a body that breaks off a network failure", async ({ expect }) => {
    const body = new ReadableStream({
      pull: (controller) => controller.error(new Error("reset")),
    });
    expect(failureOf(await run(fakeOutgoing(() => new Response(body))))).toBe("network");
  });

  it("refuses a host before anything is sent", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => new Response(), { allows: () => false });
    expect(failureOf(await run(outgoing, { retries: 2 }))).toBe("host-not-allowed");
    expect(outgoing.sent).toEqual([]);
  });

  it("leaves no timer and no listener behind", async ({ expect }) => {
    const caller = new AbortController();
    let listeners = 0;
    const { signal } = caller;
    signal.addEventListener = () => void (listeners += 1);
    signal.removeEventListener = () => void (listeners -= 1);
    const outgoing = fakeOutgoing((_, index) => new Response("", { status: index ? 200 : 503 }));
    await run(outgoing, { retries: 1 }, 1000, {
      ...fixedLimit(25_000, signal),
      abort: () => undefined,
      clear: () => undefined,
    });
    expect(outgoing.sent).toHaveLength(2);
    expect({ timers: outgoing.clock.pending, listeners }).toEqual({ timers: 0, listeners: 0 });
  });
});

/** Sends `count` requests at once to an upstream that answers after 100 ms. */
function sendMany(count: number, slots: Outgoing["slots"], attemptTimeoutMs = 1000) {
  const outgoing: FakeOutgoing = fakeOutgoing(
    (sent) => after(100, outgoing.clock, sent, new Response("ok")),
    { slots },
  );
  const deadline = wholeDeadline(outgoing.clock);
  const outcomes = Array.from({ length: count }, () =>
    sendRequest(outgoingRequest({ attemptTimeoutMs }), outgoing, deadline),
  );
  return { outgoing, outcomes: Promise.all(outcomes) };
}

describe("the pool of connections", () => {
  it("lets the seventh call wait for its turn", async ({ expect }) => {
    const { outgoing } = sendMany(7, new Semaphore(6));
    await outgoing.clock.advance(99);
    expect(outgoing.sent).toHaveLength(6);
    await outgoing.clock.advance(1);
    expect(outgoing.sent).toHaveLength(7);
  });

  it("starts an attempt's timer when it gets its connection", async ({ expect }) => {
    const { outgoing, outcomes } = sendMany(18, new Semaphore(6), 150);
    await outgoing.clock.advance(1000);
    const ends = await outcomes;
    expect(ends.map(failureOf)).toEqual(Array.from({ length: 18 }, () => "status 200"));
    expect(ends.map(({ startedAt }) => startedAt)).toEqual(
      [0, 100, 200].flatMap((at) => Array.from({ length: 6 }, () => at)),
    );
  });

  it("frees a connection when the headers arrive, while the body is still read", async ({
    expect,
  }) => {
    const outgoing = fakeOutgoing((sent, index) =>
      index === 0 ? new Response(endless(sent, "slow")) : new Response("fast"),
    );
    const single = { ...outgoing, slots: new Semaphore(1) };
    const deadline = wholeDeadline(outgoing.clock);
    const slow = sendRequest(outgoingRequest(), single, deadline);
    const fast = sendRequest(outgoingRequest(), single, deadline);
    expect(failureOf(await fast)).toBe("status 200");
    await outgoing.clock.advance(1000);
    expect(failureOf(await slow)).toBe("timeout");
  });

  it("frees a connection that failed, once", async ({ expect }) => {
    const outgoing = fakeOutgoing(
      (sent, index) => (index === 0 ? Promise.reject(new Error("reset")) : silence(sent)),
      { slots: new Semaphore(1) },
    );
    const deadline = wholeDeadline(outgoing.clock);
    const outcomes = [1, 2, 3].map(() => sendRequest(outgoingRequest(), outgoing, deadline));
    await settle();
    expect(outgoing.sent).toHaveLength(2);
    deadline.abort(new FetchFailure("cancelled", "Enough."));
    expect((await Promise.all(outcomes)).map(failureOf)).toEqual([
      "network",
      "cancelled",
      "cancelled",
    ]);
  });
});

describe("the deadlines", () => {
  it("ends an attempt after its own time, and tries again", async ({ expect }) => {
    const outgoing = fakeOutgoing((sent, index) => (index ? new Response("ok") : silence(sent)));
    const outcome = await run(outgoing, { attemptTimeoutMs: 300, retries: 1 });
    expect(failureOf(outcome)).toBe("status 200");
    expect(outcome.attempts).toBe(2);
    expect(outgoing.sent[0]?.signal.aborted).toBe(true);
  });

  it("counts the body into an attempt's time", async ({ expect }) => {
    const outgoing = fakeOutgoing((sent) => new Response(endless(sent, "some")));
    const outcome = await run(outgoing, { attemptTimeoutMs: 300 }, 300);
    expect(failureOf(outcome)).toBe("timeout");
  });

  it("ends everything with the whole request, saying so", async ({ expect }) => {
    const outgoing = fakeOutgoing((sent) => silence(sent));
    const deadline = wholeDeadline(outgoing.clock, 500);
    const { result, attempts } = await run(outgoing, { retries: 5 }, 500, deadline);
    expect(result).toMatchObject({ code: "timeout", message: expect.stringContaining("500 ms") });
    expect(attempts).toBe(1);
  });

  it("gives up a call that waits for a connection, unsent", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => new Response(), { slots: new Semaphore(0) });
    const deadline = wholeDeadline(outgoing.clock, 500);
    const outcome = await run(outgoing, {}, 500, deadline);
    expect(failureOf(outcome)).toBe("timeout");
    expect(outcome).toMatchObject({ attempts: 0, startedAt: null });
    expect(outgoing.sent).toEqual([]);
  });

  it("says cancelled when the caller goes away, before and while sending", async ({ expect }) => {
    const outgoing = fakeOutgoing((sent) => silence(sent));
    const caller = new AbortController();
    const deadline = wholeDeadline(outgoing.clock, 500, caller.signal);
    const under = sendRequest(outgoingRequest({ retries: 2 }), outgoing, deadline);
    await settle();
    caller.abort(new DOMException("The client has disconnected", "AbortError"));
    const late = await sendRequest(outgoingRequest({ retries: 2 }), outgoing, deadline);
    expect([failureOf(await under), failureOf(late)]).toEqual(["cancelled", "cancelled"]);
    expect(outgoing.sent).toHaveLength(1);
    deadline.clear();
    expect(outgoing.clock.pending).toBe(0);
  });
});
