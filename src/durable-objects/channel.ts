// One object per channel: its queue, pace, schedule, history and state. Rows are the truth, the alarm is
// the guarantee that they are looked at. What happens when is decided by `channel-lifecycle.ts`; here it
// is loaded, asked, saved and carried out. An attempt that a crash cut off is made again: receivers know
// it by its id.
import { DurableObject } from "cloudflare:workers";
import {
  decideStarts,
  enable,
  EXPIRED,
  pause,
  settle,
  UNKNOWN_CHANNEL,
  type Waiting,
} from "../domain/notifications/channel-lifecycle";
import type {
  ChannelQueue,
  ChannelSummary,
  DeliveryDetail,
  DeliveryQuery,
  DeliveryResult,
} from "../domain/notifications/channel-queue";
import type { Channel as Settings } from "../domain/notifications/channels";
import { deliver, digestSize, type Attempted } from "../domain/notifications/deliver";
import type { Delivery, DeliveryStatus } from "../domain/notifications/delivery";
import type { DomainEvent } from "../domain/notifications/events";
import { readConfig } from "../env";
import { createDeliverDeps, createMessageContext, tell } from "../runtime/channels";
import { systemClock } from "../runtime/clock";
import { ChannelAlerts } from "./channel-alerts";
import { beginInvocation, type Invocation } from "./invocation-budget";
import { ChannelStore } from "../storage/channel-store";
import { KEPT_MS } from "../storage/delivery-sweep";

/** Milliseconds after which the alarm looks at the rows again, in case the attempts on them were cut off. */
const GUARD_MS = 30_000;
/** Milliseconds before another attempt where the configuration or another object cannot be had. */
const RETRY_MS = 60_000;
const DAY_MS = 24 * 60 * 60_000;
const SWEPT_AT_ONCE = 1000;
const SWEEP_MS = 60 * 60_000;

/** The Durable Object of a channel, which its name is. */
export class Channel extends DurableObject<Env> implements ChannelQueue {
  readonly #store: ChannelStore;
  readonly #alerts: ChannelAlerts;
  /** The deliveries of each attempt under way. */
  readonly #underWay = new Set<readonly Waiting[]>();
  readonly #attempts = new Set<Promise<void>>();
  /** The instant at which the alarm rings; Infinity for never. */
  #alarmAt = Infinity;
  #sweepAt = 0;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new ChannelStore(ctx.storage);
    this.#alerts = new ChannelAlerts({
      name: this.#name,
      store: this.#store,
      channels: () => readConfig(this.env).config.channels,
      tell: (event, names) => tell(this.env, event, names),
    });
    void ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = (await ctx.storage.getAlarm()) ?? Infinity;
    });
  }

  async enqueue(event: DomainEvent): Promise<void> {
    this.#write(() => this.#store.add(event, Date.now()));
  }

  async summary(): Promise<ChannelSummary> {
    const { state, reason } = this.#store.state;
    const next = this.#store.nextDueAt(0);
    return {
      state,
      reason,
      ...this.#store.counts(),
      lastDeliveredAt: this.#store.lastDeliveredAt,
      nextAttemptAt: state === "active" && next !== Infinity ? this.#opensAt(next) : null,
    };
  }

  async page(query: DeliveryQuery): Promise<readonly Delivery[]> {
    return this.#store.page(query).map((delivery) => this.#shown(delivery));
  }

  async ofRecord(recordId: string, limit: number): Promise<readonly Delivery[]> {
    return this.#store.ofRecord(recordId, limit).map((delivery) => this.#shown(delivery));
  }

  async read(eventId: string): Promise<DeliveryDetail | null> {
    const found = this.#store.find(eventId);
    if (found === null) return null;
    const log = this.#store.logOf(found.delivery.seq);
    return { delivery: this.#shown(found.delivery), log, event: found.event };
  }

  async pause(): Promise<ChannelSummary> {
    this.#write(() => (this.#store.state = pause(this.#store.state)));
    return this.summary();
  }

  async enable(): Promise<ChannelSummary> {
    this.#write(() => (this.#store.state = enable(this.#store.state)));
    return this.summary();
  }

  async resend(eventId: string): Promise<DeliveryResult> {
    const found = this.#store.find(eventId);
    if (found === null) return { status: "not-found" };
    if (this.#settings === undefined) return { status: "refused", detail: UNKNOWN_CHANNEL.detail };
    if (found.event === null)
      return { status: "refused", detail: "Its record was deleted, and with it what was told." };
    this.#write(() => this.#store.resend(found.delivery.seq, Date.now()));
    return this.#result(eventId);
  }

  async replay(status: DeliveryStatus, since: number): Promise<number> {
    return this.#write(() => this.#store.replay(status, since, Date.now()));
  }

  async cancel(eventId: string): Promise<DeliveryResult> {
    const found = this.#store.find(eventId);
    if (found === null) return { status: "not-found" };
    if (found.delivery.status !== "pending")
      return { status: "refused", detail: `It is ${found.delivery.status}, not pending.` };
    this.#write(() => this.#store.cancel(found.delivery.seq));
    return this.#result(eventId);
  }

  async erase(recordId: string): Promise<void> {
    if (this.#store.ofRecord(recordId, 1).length > 0)
      this.#write(() => this.#store.erase(recordId));
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = Infinity;
    const now = Date.now();
    if (this.#store.nextExpiry() <= now || this.#sweepAt <= now) {
      this.#sweepAt = now + SWEEP_MS;
      this.#store.write(() => {
        this.#store.failPending(EXPIRED, now - KEPT_MS);
        this.#store.sweep(now, SWEPT_AT_ONCE);
      });
    }
    await this.#pump();
  }

  /** For tests: resolves once no attempt is under way. */
  async idle(): Promise<void> {
    while (this.#attempts.size > 0) await Promise.all(this.#attempts);
  }

  get #name(): string {
    return this.ctx.id.name ?? "";
  }

  get #settings(): Settings | undefined {
    return readConfig(this.env).config.channels.get(this.#name);
  }

  #result(eventId: string): DeliveryResult {
    const found = this.#store.find(eventId);
    return found === null
      ? { status: "not-found" }
      : { status: "done", delivery: this.#shown(found.delivery) };
  }

  #opensAt(at: number): number {
    const { closedUntil, nextStartAt } = this.#store.state;
    return Math.max(at, closedUntil, nextStartAt);
  }

  /** A delivery with the time at which its channel will really attempt it; none while it is not active. */
  #shown(delivery: Delivery): Delivery {
    if (delivery.dueAt === null) return delivery;
    const isActive = this.#store.state.state === "active";
    return { ...delivery, dueAt: isActive ? this.#opensAt(delivery.dueAt) : null };
  }

  /** Writes, sets the alarm that guarantees what follows, and begins with it. */
  #write<T>(write: () => T): T {
    const result = this.#store.write(write);
    // Without an await since the write, the two are one transaction.
    void this.#wakeBy(Date.now() + GUARD_MS).catch(logError);
    this.ctx.waitUntil(this.#pump().catch(logError));
    return result;
  }

  /** Starts what may be started, and sets the alarm for what is next. */
  async #pump(invocation = beginInvocation(this.env)): Promise<void> {
    const now = Date.now();
    // A configuration that cannot be read has no channels, so that every delivery would end as unknown.
    if (readConfig(this.env).error !== null) return this.#wakeBy(now + RETRY_MS);
    const settings = this.#settings;
    if (settings === undefined) this.#store.failPending(UNKNOWN_CHANNEL);
    else this.#start(settings, invocation, now);
    this.ctx.waitUntil(this.#handOver());
    return this.#wakeBy(this.#store.nextExpiry() + DAY_MS);
  }

  #start(settings: Settings, invocation: Invocation, now: number): void {
    const records = new Set(
      Array.from(this.#underWay)
        .flat()
        .map(({ recordId }) => recordId),
    );
    const underWay = { attempts: this.#underWay.size, records };
    const starts = decideStarts(this.#store.state, settings.pace, this.#store, underWay, now);
    // The next invocation has its own requests.
    if (starts.groups.length > invocation.left) return void this.#wakeBy(now).catch(logError);
    this.#store.state = starts.state;
    for (const group of starts.groups) {
      invocation.left -= 1;
      this.#begin(settings, group, invocation);
    }
    const guard = this.#underWay.size > 0 ? now + GUARD_MS : Infinity;
    void this.#wakeBy(Math.min(starts.wakeAt, guard)).catch(logError);
  }

  #begin(settings: Settings, group: readonly Waiting[], invocation: Invocation): void {
    this.#underWay.add(group);
    const attempt = this.#attempt(settings, group, invocation)
      .catch(logError)
      .finally(() => this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
    this.ctx.waitUntil(attempt);
  }

  async #attempt(
    settings: Settings,
    group: readonly Waiting[],
    invocation: Invocation,
  ): Promise<void> {
    const at = Date.now();
    const begunAt = systemClock.now();
    let told = group;
    try {
      const events = group.flatMap(({ seq }) => this.#store.eventOf(seq) ?? []);
      const context = await createMessageContext(this.env, events);
      // Deliveries for which this digest has no room stay due, for the next one.
      const size = digestSize(settings, events, context);
      told = group.slice(0, size);
      const deps = createDeliverDeps(this.env, context);
      const attempted = await deliver(settings, events.slice(0, size), deps);
      this.#settle(told, attempted, { at, durationMs: systemClock.now() - begunAt });
    } finally {
      this.#underWay.delete(group);
    }
    await this.#pump(invocation);
  }

  #settle(
    group: readonly Waiting[],
    { verdict, excerpt }: Attempted,
    { at, durationMs }: { readonly at: number; readonly durationMs: number },
  ): void {
    const now = Date.now();
    const error = verdict.kind === "delivered" ? null : verdict.error;
    const logged = {
      at,
      httpStatus: verdict.httpStatus,
      durationMs: Math.round(durationMs * 10) / 10,
      error,
      excerpt,
    };
    this.#store.write(() => {
      const settlement = settle(this.#store.state, group, verdict, now, Math.random);
      this.#store.state = settlement.state;
      this.#store.settle(settlement.changes, logged);
      if (settlement.isDisabled) this.#alerts.disabled(settlement.state, logged.httpStatus);
      for (const { seq, status } of settlement.changes)
        if (status === "failed") this.#alerts.failed(seq);
    });
  }

  async #handOver(): Promise<void> {
    try {
      await this.#alerts.handOver();
    } catch (error) {
      logError(error);
      await this.#wakeBy(Date.now() + RETRY_MS);
    }
  }

  /** An alarm that rings too early is harmless: it is never put off. */
  async #wakeBy(at: number): Promise<void> {
    if (this.#alarmAt <= at) return undefined;
    this.#alarmAt = Math.ceil(at);
    return this.ctx.storage.setAlarm(this.#alarmAt);
  }
}

function logError(error: unknown): void {
  console.error(JSON.stringify({ level: "error", event: "channel", error: String(error) }));
}
