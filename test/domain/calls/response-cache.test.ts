import { describe, it } from "vitest";
import { FetchFailure, type Outcome } from "../../../src/domain/outgoing/outgoing-fetch";
import { STALE_SECONDS } from "../../../src/domain/calls/cacheable";
import { loadCached } from "../../../src/domain/calls/response-cache";
import { settle } from "../../support/fake-clock";
import { cached, FRESH_SECONDS } from "../../support/fake-cache";

const failed = (code: FetchFailure["code"]): Outcome => ({
  result: new FetchFailure(code, "failed"),
  attempts: 3,
  startedAt: 0,
});

describe("loadCached", () => {
  it("loads what is not there, and keeps it past its freshness", async ({ expect }) => {
    const { load, cache } = cached();
    expect(await loadCached(load())).toMatchObject({ cache: "miss", outcome: { attempts: 1 } });
    expect(cache.kept.get("key")?.keepSeconds).toBe(FRESH_SECONDS + STALE_SECONDS);
  });

  it("returns what is fresh without a call", async ({ expect }) => {
    const { load, clock, loads } = cached();
    await loadCached(load());
    await clock.advance(FRESH_SECONDS * 1000 - 1);
    expect(await loadCached(load())).toMatchObject({
      cache: "hit",
      outcome: { result: { status: 200 }, attempts: 0, startedAt: null },
    });
    expect(loads).toHaveLength(1);
  });

  it("loads again what is no longer fresh", async ({ expect }) => {
    const { load, clock, loads } = cached();
    await loadCached(load());
    await clock.advance(FRESH_SECONDS * 1000);
    expect(await loadCached(load())).toMatchObject({ cache: "miss" });
    expect(loads).toHaveLength(2);
  });

  it("keeps apart what has different keys", async ({ expect }) => {
    const { load, loads } = cached();
    await loadCached(load({ key: "a" }));
    expect(await loadCached(load({ key: "b" }))).toMatchObject({ cache: "miss" });
    expect(loads).toHaveLength(2);
  });

  it("keeps 2xx, and that there is nothing for a tenth of the time", async ({ expect }) => {
    const { load, cache, clock, answer } = cached();
    for (const status of [200, 204, 299, 301, 304, 404, 410, 500]) {
      await loadCached(load({ key: `${status}`, load: answer(status) }));
    }
    await loadCached(load({ key: "failed", load: async () => failed("network") }));
    expect([...cache.kept.keys()]).toEqual(["200", "204", "299", "404", "410"]);
    await clock.advance(FRESH_SECONDS * 100 - 1);
    expect(await loadCached(load({ key: "404" }))).toMatchObject({ cache: "hit" });
    await clock.advance(1);
    expect(await loadCached(load({ key: "404" }))).toMatchObject({ cache: "miss" });
  });

  it("does not fail when the cache does", async ({ expect }) => {
    const { load, cache } = cached();
    cache.get = () => Promise.reject(new Error("cache is down"));
    cache.put = () => Promise.reject(new Error("cache is down"));
    expect(await loadCached(load())).toMatchObject({
      cache: "miss",
      outcome: { result: { status: 200 } },
    });
  });
});

/** Keeps a response, lets it grow old, and loads again with this outcome. */
async function reload(outcome: Outcome) {
  const { load, clock } = cached();
  await loadCached(load());
  await clock.advance(FRESH_SECONDS * 1000);
  return loadCached(load({ load: async () => outcome }));
}

describe("a stale response", () => {
  it.for(["network", "timeout"] as const)(
    "stands in for an upstream that fails by %s",
    async (code, { expect }) => {
      expect(await reload(failed(code))).toMatchObject({
        cache: "stale",
        outcome: { result: { status: 200 }, attempts: 3, startedAt: 0 },
      });
    },
  );

  it.for([429, 500, 502, 503, 504])(
    "stands in for an upstream that fails with %i",
    async (status, { expect }) => {
      const { outcome } = cached().outcome(status);
      expect(await reload(outcome)).toMatchObject({ cache: "stale" });
    },
  );

  it.for([401, 403, 404, 410])(
    "does not hide %i, which is the upstream's answer (RFC 5861 §4)",
    async (status, { expect }) => {
      const { outcome } = cached().outcome(status);
      expect(await reload(outcome)).toMatchObject({
        cache: "miss",
        outcome: { result: { status } },
      });
    },
  );

  it("does not stand in for a call that was cancelled", async ({ expect }) => {
    const reloaded = await reload(failed("cancelled"));
    expect(reloaded.outcome.result).toMatchObject({ code: "cancelled" });
  });
});

describe("loads under way", () => {
  it("are shared by whoever asks for the same, and no longer once they ended", async ({
    expect,
  }) => {
    const { load, loads, cache, finish } = cached({ byHand: true });
    const asked = [1, 2, 3].map(() => loadCached(load()));
    await settle();
    expect(loads).toHaveLength(1);
    finish(0, 200);
    const results = await Promise.all(asked);
    expect(results.map(({ outcome }) => outcome.result)).toMatchObject(
      [1, 2, 3].map(() => ({ status: 200 })),
    );
    expect(cache.inFlight.size).toBe(0);
  });

  it.for([404, 429, 500, "network", "too-many-redirects", "response-too-large"] as const)(
    "end for all who wait when they end with %s: that is what the upstream says",
    async (result, { expect }) => {
      const { load, loads, finish, outcome } = cached({ byHand: true });
      const asked = [1, 2, 3, 4].map(() => loadCached(load()));
      await settle();
      finish(0, result);
      const results = await Promise.all(asked);
      expect(loads).toHaveLength(1);
      const expected = outcome(result).outcome.result;
      for (const { outcome: got } of results) expect(got.result).toEqual(expected);
    },
  );

  it.for(["cancelled", "timeout"] as const)(
    "are started anew, once, when they end by %s for a leader with less time",
    async (code, { expect }) => {
      const { load, loads, cache, finish } = cached({ byHand: true });
      const leader = loadCached(load({ attemptsMs: 100 }));
      const asked = [1, 2, 3].map(() => loadCached(load()));
      await settle();
      finish(0, code);
      await settle();
      expect(loads).toHaveLength(2);
      finish(1, 200);
      expect((await leader).outcome.result).toMatchObject({ code });
      for (const { outcome } of await Promise.all(asked)) {
        expect(outcome.result).toMatchObject({ status: 200 });
      }
      expect([...cache.kept.keys()]).toEqual(["key"]);
      expect(cache.inFlight.size).toBe(0);
    },
  );

  it("time out for all who would have waited no longer", async ({ expect }) => {
    const { load, loads, finish } = cached({ byHand: true });
    const asked = [1, 2, 3].map(() => loadCached(load({ attemptsMs: 100 })));
    await settle();
    finish(0, "timeout");
    for (const { outcome } of await Promise.all(asked)) {
      expect(outcome.result).toMatchObject({ code: "timeout" });
    }
    expect(loads).toHaveLength(1);
  });

  it("hold nobody longer than its own attempts may take", async ({ expect }) => {
    const { load, loads, clock, finish } = cached({ byHand: true });
    const leader = loadCached(load());
    await clock.advance(50);
    const hasty = loadCached(load({ attemptsMs: 300 }));
    await settle();
    await clock.advance(300);
    expect(await hasty).toMatchObject({
      cache: "miss",
      outcome: { result: { code: "timeout" }, attempts: 1, startedAt: 50 },
    });
    const patient = loadCached(load());
    await settle();
    expect(loads).toHaveLength(1);
    finish(0, 200);
    for (const { outcome } of await Promise.all([leader, patient])) {
      expect(outcome.result).toMatchObject({ status: 200 });
    }
  });

  it("take nothing of anybody's time while they wait for a connection", async ({ expect }) => {
    const { load, loads, connections, clock, finish } = cached({ byHand: true, queued: true });
    const leader = loadCached(load());
    const hasty = loadCached(load({ attemptsMs: 300 }));
    await clock.advance(1000);
    connections[0]?.();
    await clock.advance(299);
    finish(0, 200);
    for (const { outcome } of await Promise.all([leader, hasty])) {
      expect(outcome.result).toMatchObject({ status: 200 });
    }
    expect(loads).toHaveLength(1);
    expect((await hasty).outcome.startedAt).toBe(1000);
  });

  it("are not attempted for whoever is cut off while they wait for a connection", async ({
    expect,
  }) => {
    const { load, deadline, connections, finish } = cached({ byHand: true, queued: true });
    const leader = loadCached(load());
    const hasty = deadline(100);
    const waiting = loadCached(load({ deadline: hasty }));
    await settle();
    hasty.abort(new FetchFailure("timeout", "over"));
    expect((await waiting).outcome).toMatchObject({
      result: { code: "timeout" },
      attempts: 0,
      startedAt: null,
    });
    connections[0]?.();
    finish(0, 200);
    expect((await leader).outcome.result).toMatchObject({ status: 200 });
  });

  it("are started anew by the next where they outlast what their leader gives them", async ({
    expect,
  }) => {
    const { load, loads, clock, finish } = cached({ byHand: true });
    void loadCached(load({ attemptsMs: 300 }));
    const waiting = loadCached(load({ attemptsMs: 300 }));
    await clock.advance(300);
    expect((await waiting).outcome.result).toMatchObject({ code: "timeout" });
    const next = loadCached(load({ attemptsMs: 300 }));
    await settle();
    expect(loads).toHaveLength(2);
    finish(1, 200);
    expect((await next).outcome.result).toMatchObject({ status: 200 });
  });

  it("are kept alive, so that others get them though the leader goes away", async ({ expect }) => {
    const { load, cache, finish } = cached({ byHand: true });
    const alive: Promise<unknown>[] = [];
    cache.keepAlive = (work) => void alive.push(work);
    const asked = [loadCached(load()), loadCached(load())];
    await settle();
    expect(alive).toHaveLength(1);
    finish(0, 200);
    await Promise.all([...asked, ...alive]);
  });

  it("hold nobody past its own deadline", async ({ expect }) => {
    const { load, deadline, finish } = cached({ byHand: true });
    const hasty = deadline(100);
    const leader = loadCached(load());
    const waiting = loadCached(load({ deadline: hasty, load: async () => failed("timeout") }));
    await settle();
    hasty.abort(new FetchFailure("timeout", "over"));
    expect((await waiting).outcome.result).toMatchObject({ code: "timeout" });
    finish(0, 200);
    expect((await leader).outcome.result).toMatchObject({ status: 200 });
  });

  it("are given up after the leader's deadline, which may be gone", async ({ expect }) => {
    const { load, loads, clock, deadline, finish } = cached({ byHand: true });
    void loadCached(load({ deadline: deadline(100) }));
    await clock.advance(100);
    const next = loadCached(load());
    await settle();
    expect(loads).toHaveLength(2);
    finish(1, 200);
    expect(await next).toMatchObject({ cache: "miss" });
  });

  it("are forgotten after that, so that those of leaders who are gone do not pile up", async ({
    expect,
  }) => {
    const { load, cache, clock, deadline, finish } = cached({ byHand: true });
    for (const key of ["a", "b", "c"]) void loadCached(load({ key, deadline: deadline(100) }));
    await clock.advance(1000);
    const next = loadCached(load({ key: "d" }));
    await settle();
    expect([...cache.inFlight.keys()]).toEqual(["d"]);
    finish(3, 200);
    await next;
  });
});
