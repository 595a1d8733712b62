import { describe, it } from "vitest";
import { sendRequest } from "../../../src/domain/outgoing/outgoing-fetch";
import { settle } from "../../support/fake-clock";
import {
  fakeOutgoing,
  outgoingRequest,
  silence,
  textOf,
  wholeDeadline,
  type FakeOutgoing,
} from "../../support/fake-outgoing";

/** Sends one request with retries, and tells when each attempt was made. */
async function attemptTimes(outgoing: FakeOutgoing, retries: number, deadlineMs = 60_000) {
  const times: number[] = [];
  const fetch: typeof outgoing.fetch = (url, init) => {
    times.push(outgoing.clock.now());
    return outgoing.fetch(url, init);
  };
  const deadline = wholeDeadline(outgoing.clock, deadlineMs);
  const outcome = sendRequest(outgoingRequest({ retries }), { ...outgoing, fetch }, deadline);
  await outgoing.clock.advance(deadlineMs);
  deadline.clear();
  return { times, outcome: await outcome };
}

function failing(headers: Record<string, string> = {}, random = 0.5): FakeOutgoing {
  return fakeOutgoing(() => new Response("busy", { status: 503, headers }), {
    random: () => random,
  });
}

describe("what is tried again", () => {
  it.for([408, 429, 500, 502, 503, 504])("status %i", async (status, { expect }) => {
    const outgoing = fakeOutgoing((_, index) => new Response("", { status: index ? 200 : status }));
    const { outcome } = await attemptTimes(outgoing, 2);
    expect(outcome).toMatchObject({ attempts: 2, result: { status: 200 } });
  });

  it.for([200, 204, 304, 400, 401, 403, 404, 409, 410, 422, 501, 505])(
    "status %i is not",
    async (status, { expect }) => {
      const outgoing = fakeOutgoing(() => new Response(null, { status }));
      const { outcome } = await attemptTimes(outgoing, 2);
      expect(outcome).toMatchObject({ attempts: 1, result: { status } });
    },
  );

  it("a connection that fails, and an attempt that takes too long", async ({ expect }) => {
    const outgoing = fakeOutgoing((sent, index) => {
      if (index === 0) throw new TypeError("reset");
      return index === 1 ? silence(sent) : new Response("ok");
    });
    const { outcome } = await attemptTimes(outgoing, 2);
    expect(outcome).toMatchObject({ attempts: 3, result: { status: 200 } });
  });

  it("a body that is too large is not", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => new Response("x".repeat(2000)));
    const { outcome } = await attemptTimes(outgoing, 2);
    expect(outcome).toMatchObject({ attempts: 1, result: { code: "response-too-large" } });
  });

  it("nothing, where no retries are allowed", async ({ expect }) => {
    const { outcome } = await attemptTimes(failing(), 0);
    expect(outcome).toMatchObject({ attempts: 1, result: { status: 503 } });
  });

  it("no more often than allowed, and the last response is returned", async ({ expect }) => {
    const outgoing = fakeOutgoing((_, index) => new Response(`${index}`, { status: 500 }));
    const { outcome } = await attemptTimes(outgoing, 3);
    expect(outcome).toMatchObject({ attempts: 4, result: { status: 500 } });
    expect(textOf(outcome.result)).toBe("3");
  });
});

describe("the wait before another attempt", () => {
  it("doubles, with full jitter", async ({ expect }) => {
    const { times } = await attemptTimes(failing({}, 0.5), 3);
    expect(times).toEqual([0, 100, 300, 700]);
  });

  it("may be none at all, and is never more than the bound", async ({ expect }) => {
    expect((await attemptTimes(failing({}, 0), 2)).times).toEqual([0, 0, 0]);
    const { times } = await attemptTimes(failing({}, 0.999), 2);
    expect(times[1]).toBeLessThan(200);
    expect(times[2]).toBeLessThan(600);
  });

  it("is what Retry-After asks for in seconds, without jitter", async ({ expect }) => {
    const { times } = await attemptTimes(failing({ "Retry-After": "2" }), 2);
    expect(times).toEqual([0, 2000, 4000]);
  });

  it("is until the date of Retry-After", async ({ expect }) => {
    const date = "Thu, 01 Jan 2026 00:00:05 GMT";
    const { times } = await attemptTimes(failing({ "Retry-After": date }), 2);
    expect(times).toEqual([0, 5000, 5000]);
  });

  it.for(["10", "11", "3600", "99999999999"])(
    "ends the attempts when Retry-After (%s s) reaches the deadline: the response is returned at once",
    async (seconds, { expect }) => {
      const outgoing = failing({ "Retry-After": seconds });
      const deadline = wholeDeadline(outgoing.clock, 10_000);
      const pending = sendRequest(outgoingRequest({ retries: 2 }), outgoing, deadline);
      await settle();
      expect(outgoing.clock.pending).toBe(1);
      expect(await pending).toMatchObject({ attempts: 1, result: { status: 503 } });
    },
  );

  it("never reaches past the deadline", async ({ expect }) => {
    const { times, outcome } = await attemptTimes(failing({ "Retry-After": "4" }), 5, 10_000);
    expect(times).toEqual([0, 4000, 8000]);
    expect(outcome).toMatchObject({ attempts: 3, result: { status: 503 } });
  });

  it("ends when the caller goes away", async ({ expect }) => {
    const outgoing = failing({ "Retry-After": "5" });
    const caller = new AbortController();
    const deadline = wholeDeadline(outgoing.clock, 25_000, caller.signal);
    const outcome = sendRequest(outgoingRequest({ retries: 2 }), outgoing, deadline);
    await outgoing.clock.advance(1000);
    caller.abort();
    expect((await outcome).result).toMatchObject({ code: "cancelled" });
    deadline.clear();
    expect(outgoing.clock.pending).toBe(0);
  });

  it("holds no connection", async ({ expect }) => {
    const outgoing = failing({ "Retry-After": "5" });
    const deadline = wholeDeadline(outgoing.clock);
    const waiting = Array.from({ length: 6 }, () =>
      sendRequest(outgoingRequest({ retries: 1 }), outgoing, deadline),
    );
    await settle();
    expect(outgoing.sent).toHaveLength(6);
    void sendRequest(outgoingRequest(), outgoing, deadline);
    await settle();
    expect(outgoing.sent).toHaveLength(7);
    await outgoing.clock.advance(25_000);
    await Promise.all(waiting);
  });
});
