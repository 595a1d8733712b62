// Bursts at receivers with a pace of their own, on a simulated clock.
import { describe, it } from "vitest";
import {
  decideStarts,
  settle,
  type Verdict,
  type Waiting,
} from "../../src/domain/notifications/channel-lifecycle";
import { createChannel } from "../../src/domain/notifications/channels";
import { digestSize } from "../../src/domain/notifications/deliver";
import { createEvent } from "../../src/domain/notifications/events";
import { judge } from "../../src/domain/notifications/verdict";
import { ChannelStore } from "../../src/storage/channel-store";
import { openSqlite } from "./node-sqlite";

const START = 20_000 * 86_400_000;
const LATENCY_MS = 20;
const RECORDS = 50;
const CONTEXT = { publicUrl: null, nameOf: () => null };
const DEPS = { secret: () => undefined, mailFrom: null };

interface Sent {
  readonly at: number;
  readonly ids: readonly string[];
}

/** A channel with a burst of events at once. `answer` judges each message by the time of its arrival. */
function burst(
  settings: Record<string, unknown>,
  count: number,
  answer: (at: number) => { status: number; headers?: Record<string, string> },
) {
  const channel = createChannel("ops", settings, DEPS);
  const store = new ChannelStore(openSqlite() as unknown as DurableObjectStorage);
  for (let n = 0; n < count; n += 1) {
    const data = { title: `Title ${String(n)}`, priority: "high", nth: n };
    const recordId = `record-${String(n % RECORDS)}`;
    store.add(
      createEvent({ id: `event-${String(n)}`, type: "task.updated", recordId, data }, START),
      START,
    );
  }
  const delivered: Sent[] = [];
  let sent = 0;
  let now = START;
  let underWay: { group: readonly Waiting[]; endsAt: number }[] = [];
  for (;;) {
    const records = new Set(underWay.flatMap(({ group }) => group.map(({ recordId }) => recordId)));
    const flight = { attempts: underWay.length, records };
    const starts = decideStarts(store.state, channel.pace, store, flight, now);
    store.state = starts.state;
    for (const group of starts.groups) {
      const events = group.flatMap(({ seq }) => store.eventOf(seq) ?? []);
      const told = group.slice(0, digestSize(channel, events, CONTEXT));
      underWay.push({ group: told, endsAt: now + LATENCY_MS });
      sent += 1;
    }
    const next = Math.min(starts.wakeAt, ...underWay.map(({ endsAt }) => endsAt));
    if (next === Infinity) break;
    now = Math.max(now, next);
    for (const { group } of underWay.filter(({ endsAt }) => endsAt <= now)) {
      const { status, headers = {} } = answer(now);
      const verdict: Verdict = judge(
        channel.type,
        { status, headers: new Headers(headers), text: null },
        now,
      );
      const ids = group.flatMap(({ seq }) => store.eventOf(seq)?.id ?? []);
      if (verdict.kind === "delivered") delivered.push({ at: now, ids });
      const settled = settle(store.state, group, verdict, now, () => 0.5);
      store.state = settled.state;
      const { httpStatus } = verdict;
      const log = { at: now, httpStatus, durationMs: LATENCY_MS, error: null, excerpt: null };
      store.settle(settled.changes, log);
    }
    underWay = underWay.filter(({ endsAt }) => endsAt > now);
  }
  return { delivered, sent, store, tookMs: now - START };
}

/** A receiver that takes one a second. */
function onePerSecond() {
  let nextAt = 0;
  return (at: number) => {
    if (at < nextAt) return { status: 429, headers: { "Retry-After": "1" } };
    nextAt = at + 1000;
    return { status: 200 };
  };
}

const KEY = `whsec_${btoa("a".repeat(24))}`;
const WEBHOOK = { type: "webhook", url: "https://hook.example/in", secret: KEY };
const SLACK = { type: "slack", url: "https://slack.example/x" };

describe("500 events at a receiver that takes one a second", () => {
  it("arrive once each, in order per record, near the ideal time, with no attempt used up", ({
    expect,
  }) => {
    const { delivered, store, tookMs } = burst(WEBHOOK, 500, onePerSecond());
    const ids = delivered.flatMap(({ ids: some }) => some);
    expect(ids).toHaveLength(500);
    expect(new Set(ids).size).toBe(500);
    const places = new Map(ids.map((id, place) => [Number(id.slice("event-".length)), place]));
    for (let n = RECORDS; n < 500; n += 1)
      expect(places.get(n), String(n)).toBeGreaterThan(places.get(n - RECORDS) ?? Infinity);
    expect(tookMs).toBeLessThan(1.1 * 500 * 1000);
    expect(store.counts()).toEqual({ waiting: 0, failed: 0 });
    expect(store.state.state).toBe("active");
  });

  it("come within sixty messages where they are told in digests", ({ expect }) => {
    const { delivered } = burst(SLACK, 500, onePerSecond());
    expect(delivered.flatMap(({ ids }) => ids)).toHaveLength(500);
    expect(delivered.length).toBeLessThanOrEqual(60);
  });
});

it("a rate is never passed, and no refusal is provoked", ({ expect }) => {
  const { delivered, sent } = burst({ ...WEBHOOK, rate: "2/s" }, 20, () => ({ status: 204 }));
  expect(sent).toBe(20);
  const gaps = delivered.slice(1).map(({ at }, n) => at - (delivered[n]?.at ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
});

it("a receiver that is down for a day gets everything when it is back", ({ expect }) => {
  const backAt = START + 86_400_000;
  const { delivered, store } = burst(WEBHOOK, 30, (at) => ({ status: at < backAt ? 500 : 204 }));
  expect(delivered.flatMap(({ ids }) => ids)).toHaveLength(30);
  expect(store.counts()).toEqual({ waiting: 0, failed: 0 });
});

it("flow control for more than two days counts as failure, and has an end", ({ expect }) => {
  const { delivered, store } = burst(WEBHOOK, 1, () => ({
    status: 429,
    headers: { "Retry-After": "3600" },
  }));
  expect(delivered).toEqual([]);
  expect(store.counts()).toEqual({ waiting: 0, failed: 1 });
});
