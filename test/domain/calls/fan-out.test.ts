import * as v from "valibot";
import { describe, it } from "vitest";
import { DomainError } from "../../../src/domain/errors";
import { CallResult } from "../../../src/domain/calls/external-api";
import { enforcePolicy, startCalls, type FanOutDeps } from "../../../src/domain/calls/fan-out";
import type { PreparedCall } from "../../../src/domain/calls/prepare-call";
import { runCall } from "../../../src/domain/calls/run-call";
import { Semaphore } from "../../../src/lib/semaphore";
import { settle } from "../../support/fake-clock";
import { callContext, json, preparedCall, upstreamOf } from "../../support/fake-calls";
import { after, fakeOutgoing, silence, type FakeOutgoing } from "../../support/fake-outgoing";

type Policy = "settled" | "all" | "any";

/** An upstream that reads what to do from the path: `/<ms>/<status>`, or `/hang`. */
function scripted(): FakeOutgoing {
  const outgoing: FakeOutgoing = fakeOutgoing((sent) => {
    const [, first, status] = new URL(sent.url).pathname.split("/");
    if (first === "hang") return silence(sent);
    return after(Number(first), outgoing.clock, sent, json(first, { status: Number(status) }));
  });
  return outgoing;
}

/** Starts calls of these paths, without retries. */
function start(
  paths: readonly string[],
  policy: Policy = "settled",
  { timeoutMs = 5000, signal = new AbortController().signal } = {},
) {
  const outgoing = scripted();
  const calls = paths.map((path, index) =>
    preparedCall({
      id: `${index}`,
      url: `https://up.example${path}`,
      retries: 0,
      timeout_ms: 4000,
    }),
  );
  const groups: string[][] = [];
  const deps = fanOutDeps(outgoing, groups);
  const running = startCalls(calls, { policy, timeoutMs }, deps, signal);
  const results = Promise.all(running.results);
  return { outgoing, running, results, groups };
}

/** Further invocations are contexts of their own, whose calls are recorded by their ids. */
function fanOutDeps(outgoing: FakeOutgoing, groups: string[][] = []): FanOutDeps {
  return {
    context: callContext(outgoing),
    callsHere: 6,
    runElsewhere: async (calls, { deadline, startedAt }, report) => {
      groups.push(calls.map(({ id }) => id));
      const context = callContext({ ...outgoing, slots: new Semaphore(6) });
      const run = async (call: PreparedCall) =>
        report(await runCall(call, context, deadline, startedAt));
      await Promise.all(calls.map(run));
    },
  };
}

function codes(results: readonly CallResult[]): (string | number)[] {
  return results.map((result) =>
    result.status === "fulfilled" ? result.http_status : result.error.code,
  );
}

describe("startCalls", () => {
  it("starts all at once and returns the results in the order of the calls", async ({ expect }) => {
    const { outgoing, running, results } = start(["/300/200", "/200/200", "/100/200"]);
    await outgoing.clock.advance(300);
    const all = await results;
    expect(all.map(({ id }) => id)).toEqual(["0", "1", "2"]);
    expect(all.map(({ started_ms }) => started_ms)).toEqual([0, 0, 0]);
    expect(all.map(({ duration_ms }) => duration_ms)).toEqual([300, 200, 100]);
    expect(running.summarize(all)).toEqual({
      total: 3,
      fulfilled: 3,
      ok: 3,
      rejected: 0,
      policy_met: true,
      duration_ms: 300,
    });
  });

  it("makes calls beyond six in further invocations, six in each, all at once", async ({
    expect,
  }) => {
    const { outgoing, results, groups } = start(Array.from({ length: 20 }, () => "/100/200"));
    await outgoing.clock.advance(100);
    expect((await results).map(({ started_ms }) => started_ms)).toEqual(Array(20).fill(0));
    expect(groups.map(({ length }) => length)).toEqual([6, 6, 2]);
  });

  it("tells of calls whose invocation died, and of the others", async ({ expect }) => {
    const outgoing = scripted();
    const calls = Array.from({ length: 8 }, (_, n) =>
      preparedCall({ id: `${n}`, url: "https://up.example/10/200" }),
    );
    const deps = { ...fanOutDeps(outgoing), runElsewhere: () => Promise.reject(new Error("lost")) };
    const { signal } = new AbortController();
    const running = startCalls(calls, { policy: "settled", timeoutMs: 5000 }, deps, signal);
    await outgoing.clock.advance(10);
    expect(codes(await Promise.all(running.results))).toEqual([
      ...Array<number>(6).fill(200),
      "network",
      "network",
    ]);
  });

  it("lets one call fail without the others", async ({ expect }) => {
    const { outgoing, running, results } = start(["/10/200", "/hang", "/10/500"]);
    await outgoing.clock.advance(4000);
    expect(codes(await results)).toEqual([200, "timeout", 500]);
    expect(running.summarize(await results)).toMatchObject({ fulfilled: 2, rejected: 1 });
  });

  it("ends all with the deadline", async ({ expect }) => {
    const paths = Array.from({ length: 8 }, () => "/hang");
    const { outgoing, results } = start(paths, "settled", { timeoutMs: 1000 });
    await outgoing.clock.advance(1000);
    expect(codes(await results)).toEqual(paths.map(() => "timeout"));
  });

  it("leaves no timer and no listener when all is done", async ({ expect }) => {
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener);
    signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener);
    const { outgoing, results } = start(["/10/200", "/20/500"], "any", { signal });
    await outgoing.clock.advance(20);
    await results;
    await settle();
    expect({ timers: outgoing.clock.pending, listeners: listeners.size }).toEqual({
      timers: 0,
      listeners: 0,
    });
  });

  it("cancels all when the caller goes away, and frees the connections", async ({ expect }) => {
    const caller = new AbortController();
    const { outgoing, results } = start(["/hang", "/hang"], "settled", caller);
    await settle();
    caller.abort(new DOMException("The client has disconnected", "AbortError"));
    expect(codes(await results)).toEqual(["cancelled", "cancelled"]);
    expect(outgoing.sent.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it("sends nothing for a caller who has gone before", async ({ expect }) => {
    const { outgoing, results } = start(["/10/200"], "settled", { signal: AbortSignal.abort() });
    expect(codes(await results)).toEqual(["cancelled"]);
    expect(outgoing.sent).toEqual([]);
  });

  it("cancels what is not finished when told to", async ({ expect }) => {
    const { outgoing, running, results } = start(["/10/200", "/hang"]);
    await outgoing.clock.advance(10);
    running.cancel();
    expect(codes(await results)).toEqual([200, "cancelled"]);
  });
});

describe("the policy any", () => {
  it("cancels the others with the first ok result", async ({ expect }) => {
    const paths = ["/hang", "/10/500", "/50/200", "/60/200", ...Array(5).fill("/hang")];
    const { outgoing, results } = start(paths, "any");
    await outgoing.clock.advance(50);
    const all = await results;
    expect(codes(all)).toEqual(["cancelled", 500, 200, ...Array(6).fill("cancelled")]);
    expect(() => enforcePolicy("any", all)).not.toThrow();
  });

  it("has one winner where several answers arrive in the same moment", async ({ expect }) => {
    const { outgoing, results } = start(Array(9).fill("/50/200"), "any");
    await outgoing.clock.advance(50);
    const all = await results;
    expect(codes(all)).toEqual([200, ...Array(8).fill("cancelled")]);
    for (const late of all.slice(1)) {
      expect(late).not.toHaveProperty("body");
      if (late.status === "rejected" && late.http_status !== undefined)
        expect(late).toMatchObject({ http_status: 200, headers: {}, attempts: 1 });
    }
  });

  it("waits for all when none is ok", async ({ expect }) => {
    const { outgoing, results } = start(["/10/500", "/20/404", "/hang"], "any");
    await outgoing.clock.advance(4000);
    const all = await results;
    expect(codes(all)).toEqual([500, 404, "timeout"]);
    expect(() => enforcePolicy("any", all)).toThrow("3 of 3 calls were not ok.");
  });
});

/** The receipt of a response. */
function receipt(ok: boolean): CallResult {
  return {
    id: "0",
    status: "fulfilled",
    url: "https://up.example/",
    http_status: ok ? 200 : 500,
    ok,
    headers: {},
    body_type: "json",
    body: null,
    bytes: 0,
    attempts: 1,
    redirects: 0,
    started_ms: 0,
    duration_ms: 0,
  };
}

describe("enforcePolicy", () => {
  it.for([
    ["settled", [true, false], true],
    ["settled", [false], true],
    ["all", [true, true], true],
    ["all", [true, false], false],
    ["any", [false, true], true],
    ["any", [false, false], false],
  ] as const)("%s over %j passes: %j", ([policy, oks, passes], { expect }) => {
    const results = oks.map(receipt);
    const enforce = () => enforcePolicy(policy, results);
    if (passes) return expect(enforce).not.toThrow();
    expect(enforce).toThrow(DomainError);
    return expect(enforce).toThrow(
      expect.objectContaining({ code: "upstream-failed", options: { extensions: { results } } }),
    );
  });
});

describe("a cached upstream", () => {
  it("gives a call that joins another request's fetch its own times", async ({ expect }) => {
    const outgoing = scripted();
    const deps = fanOutDeps(outgoing);
    const upstream = upstreamOf({ cache_seconds: 60 });
    const call = { ...preparedCall({}, upstream), url: new URL("https://up.example/300/200") };
    const { signal } = new AbortController();
    const begin = () =>
      startCalls([call], { policy: "settled", timeoutMs: 5000 }, deps, signal).results[0];
    const first = begin();
    await outgoing.clock.advance(200);
    const second = begin();
    await outgoing.clock.advance(100);
    expect(await first).toMatchObject({ cache: "miss", started_ms: 0, duration_ms: 300 });
    const joined = v.parse(CallResult, await second);
    expect(joined).toMatchObject({ cache: "miss", started_ms: 0, duration_ms: 100 });
    expect(outgoing.sent).toHaveLength(1);
  });
});
