// An object with a job, as `durable-objects/job.ts` is one: from its start until it crashes. What it sends into the
// world waits there until a schedule settles it.
import type { Counts } from "../../src/domain/jobs/job";
import { deadlineOf, isActive, isUnderWay, type JobRecord } from "../../src/domain/jobs/job-record";
import { Lanes, type LaneOutcome } from "../../src/domain/jobs/lanes";
import { decide, hasFailedEnough, type JobEvent } from "../../src/domain/jobs/lifecycle";
import { JOB_TRANSITIONS } from "../../src/domain/jobs/transitions";
import { Window, type ItemPlan, type Start } from "../../src/domain/jobs/window";
import { WindowRun, type Rest } from "../../src/domain/jobs/window-run";
import type { Clock } from "../../src/lib/clock";
import { rateIntervalMs } from "../../src/lib/rate";
import type { PlatformAlarm } from "./alarm";
import type { JobDisk } from "./job-disk";
import { check } from "./runner";

/** Milliseconds for which one invocation waits for a run. */
const SLICE_MS = 20_000;

/** Milliseconds before a failed report is repeated. */
const REPORT_AGAIN_MS = 5000;

/** Milliseconds after which leave is asked for again, where a pause could not be stored. */
const ASK_AGAIN_MS = 60_000;

/** An item that was sent and has no outcome yet. */
export interface Sent {
  readonly index: number;
  readonly resolve: (outcome: LaneOutcome) => void;
  readonly reject: (error: Error) => void;
}

/** Surroundings of an object. */
export interface JobWorld {
  readonly disk: JobDisk;
  readonly alarm: PlatformAlarm;
  readonly now: () => number;
  readonly plan: (index: number) => ItemPlan;
  /** The instant until which a budget is spent; one that is past for none. */
  readonly spentUntil: () => number;
  /** Says whether the next lane can be reached. */
  readonly canOpen: () => boolean;
  /** Takes a report to the register. Returns false if that does not answer. */
  readonly report: (record: JobRecord) => boolean;
  /** Is told of everything that is sent. */
  readonly onSent: (sent: Sent, inFlight: number) => void;
}

/** A Durable Object with a job, which can be crashed between any two steps. */
export class JobObject {
  readonly #world: JobWorld;
  #live: { readonly window: Window; readonly run: WindowRun } | null = null;
  #running: Promise<void> | null = null;
  #isGone = false;
  #isToPause = false;
  readonly #timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  #inFlight = 0;
  /** The instant at which the job stopped: what was started then may still be on its way to a lane. */
  stoppedAt = 0;

  constructor(world: JobWorld) {
    this.#world = world;
  }

  get isRunning(): boolean {
    return this.#running !== null;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** The instant of the next timer; Infinity for none. */
  get nextTimer(): number {
    return Math.min(Infinity, ...[...this.#timers].map(({ at }) => at));
  }

  /** Lets the timers fire that are due. */
  fire(): void {
    for (const timer of [...this.#timers].filter(({ at }) => at <= this.#world.now())) {
      this.#timers.delete(timer);
      timer.callback();
    }
  }

  /** Everything in memory is lost. */
  crash(): void {
    this.#isGone = true;
    this.#live?.run.drop();
    this.#timers.clear();
  }

  /** The alarm's handler: one slice. */
  async onAlarm(): Promise<void> {
    const { disk } = this.#world;
    if (disk.record === null) return;
    const { effects, record } = decide(disk.record, { type: "alarm" }, this.#world.now());
    if (effects.includes("erase")) {
      check(disk.record.reportAt === null, "nothing expires before its last report has arrived");
      return disk.erase();
    }
    if (record !== disk.record) this.apply({ type: "alarm" });
    this.#report();
    if (effects.includes("announce")) this.apply({ type: "told" });
    if (effects.includes("run")) this.run();
    this.#rearm();
  }

  /** Runs items, or joins the run. */
  run(): void {
    this.#running ??= this.#runJob()
      .catch(() => undefined)
      .finally(() => {
        this.#running = null;
        if (!this.#isGone && this.#world.disk.isWritable) this.#rearm();
      });
    this.#live?.run.wake();
  }

  /** A read, which sets an alarm that was lost. */
  heal(): void {
    const { disk, alarm } = this.#world;
    if (disk.record === null || alarm.isRinging) return;
    if (alarm.at === null && disk.isWritable) this.#rearm();
  }

  /** Applies an event, and saves what it makes of the job. */
  apply(event: JobEvent): void {
    const { disk, alarm, now } = this.#world;
    if (disk.record === null || this.#isGone) return;
    const before = disk.record;
    const { record, effects, alarmAt } = decide(before, event, now());
    if (record === before) return;
    if (record.status !== before.status) {
      const known = Object.hasOwn(JOB_TRANSITIONS[before.status], record.status);
      check(known, `${before.status} --> ${record.status} is a transition that is drawn`);
    }
    disk.write(() => (disk.record = record));
    if (!isActive(record)) this.stoppedAt = now();
    alarm.at = alarmAt;
    if (effects.includes("run")) this.#live?.run.wake();
    if (effects.includes("report")) this.#report();
  }

  #report(): void {
    const { disk, now, report } = this.#world;
    const { record } = disk;
    if (record === null || record.reportAt === null || record.reportAt > now()) return;
    const isKnown = report(record);
    if (!disk.isWritable) return;
    if (isKnown) this.apply({ type: "reported", changes: record.changes });
    else this.apply({ type: "unreported", until: now() + REPORT_AGAIN_MS });
  }

  /** Ends a cancelled job of which nothing is in flight. */
  settle(): void {
    const { disk, now } = this.#world;
    if (!disk.isWritable) return;
    // A window begins with what a crash cut off.
    if (disk.chunks.flight !== null) void this.#openWindow(now());
    this.#rest({ nextAt: this.#world.now(), waiting: null, hasOutage: false });
  }

  #rearm(): void {
    const { disk, alarm, now } = this.#world;
    if (disk.record === null) return;
    const { alarmAt } = decide(disk.record, { type: "progress", failed: 0 }, now());
    alarm.at = this.isRunning ? now() + SLICE_MS : alarmAt;
  }

  async #runJob(): Promise<void> {
    const { disk } = this.#world;
    await Promise.resolve();
    if (this.#isGone || disk.record === null) return;
    if (!isActive(disk.record)) {
      if (isUnderWay(disk.record) && disk.record.status === "cancelled") this.settle();
      return;
    }
    const { succeeded, failed } = disk.chunks.counts();
    this.apply({ type: "begin", done: succeeded + failed });
    const rest = await this.#runWindow();
    if (!this.#isGone) this.#rest(rest);
  }

  #rest(rest: Rest): void {
    const { chunks, record } = this.#world.disk;
    const { succeeded, failed } = chunks.counts();
    const pending = (record?.total ?? 0) - succeeded - failed;
    this.apply({ type: "rest", ...rest, failed, pending });
  }

  async #runWindow(): Promise<Rest> {
    const { disk, now, canOpen } = this.#world;
    const window = this.#openWindow(now());
    const open = async () => {
      if (!canOpen()) throw new Error("Overloaded");
      return { run: (start: Start) => this.#send(start), close: () => undefined };
    };
    const lanes = new Lanes({ requests: 45, requestsPerItem: 7, usualRequests: 1, open });
    const run = new WindowRun({
      window,
      lanes,
      clock: this.#clock,
      bounds: () => this.#bounds(window.counts),
      hasLeave: () => this.#hasLeave(),
      log: () => undefined,
      onProgress: () => {
        // While nothing may be written, the decision is made again with the next outcome.
        if (disk.isWritable) this.apply({ type: "progress", failed: window.counts.failed });
      },
    });
    this.#live = { window, run };
    return run.run().finally(() => (this.#live = null));
  }

  /** Asks for leave, which is answered later. */
  #hasLeave(): boolean {
    const { spentUntil, now } = this.#world;
    if (spentUntil() <= now()) return true;
    queueMicrotask(() => {
      try {
        this.apply({ type: "quota", until: spentUntil() });
      } catch {
        if (this.#isToPause) return;
        this.#isToPause = true;
        this.#clock.after(ASK_AGAIN_MS, () => {
          this.#isToPause = false;
          this.#live?.run.wake();
        });
      }
    });
    return false;
  }

  #openWindow(now: number): Window {
    const { disk, plan } = this.#world;
    const planOf = (_: unknown, index: number) => plan(index);
    return new Window({ store: disk.chunks, plan: planOf, delay: () => 500 }, now);
  }

  #bounds({ failed }: Counts) {
    const job = this.#world.disk.record;
    const { concurrency = 1, rate } = job?.work.options ?? {};
    const intervalMs = rate === undefined ? 0 : rateIntervalMs(rate);
    return { mayStart: job !== null && this.#mayStart(job, failed), concurrency, intervalMs };
  }

  #mayStart(job: JobRecord, failed: number): boolean {
    const isInTime = this.#world.now() < deadlineOf(job);
    return !this.#isGone && isActive(job) && !hasFailedEnough(job, failed) && isInTime;
  }

  #send({ index }: Pick<Start, "index">): Promise<LaneOutcome> {
    const { promise, resolve, reject } = Promise.withResolvers<LaneOutcome>();
    this.#inFlight += 1;
    this.#world.onSent({ index, resolve, reject }, this.#inFlight);
    return promise.finally(() => (this.#inFlight -= 1));
  }

  readonly #clock: Clock = {
    now: () => this.#world.now(),
    epochNow: () => this.#world.now(),
    sleep: () => Promise.reject(new Error("Nobody sleeps here")),
    after: (ms, callback) => {
      const timer = { at: this.#world.now() + ms, callback };
      this.#timers.add(timer);
      return () => this.#timers.delete(timer);
    },
  };
}
