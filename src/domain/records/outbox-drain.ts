// When an outbox is carried out: at once after each commit, and by the alarm until nothing is left. The
// alarm is set together with the commit, so that it rings whatever becomes of the request that made it.
// Rows are the truth, alarms are hints: whoever finds work without an alarm sets one.

/** By then a commit is looked at again. */
export const GUARD_MS = 10_000;
/** An alarm that is so late was given up by the platform, which repeats it for two minutes at most. */
const LOST_MS = 5 * 60_000;

/** The one alarm of an object. */
export interface Alarm {
  set(at: number): Promise<void>;
  clear(): Promise<void>;
}

/** What a drain works with. */
export interface DrainDeps {
  readonly alarm: Alarm;
  readonly now: () => number;
  /** Carries out what is due, or as much of it as one invocation may. */
  carryOut(this: void): Promise<void>;
  /** When there is something to do next, in milliseconds since 1970 UTC; Infinity for never. */
  nextDueAt(this: void, now: number): number;
  /** Until when nothing that a commit adds can be carried out; the past where it can. */
  pausedUntil(this: void): number;
}

export class OutboxDrain {
  readonly #deps: DrainDeps;
  /** When the alarm rings; Infinity for never, null where that is not known. */
  #alarmAt: number | null = null;
  #running: Promise<void> | null = null;

  constructor(deps: DrainDeps) {
    this.#deps = deps;
  }

  /** Learns of the alarm that was set before this object was. */
  resume(alarmAt: number | null): void {
    this.#alarmAt = alarmAt;
  }

  /** To be called without an await since the commit, so that commit and alarm are one transaction. */
  async committed(): Promise<void> {
    await Promise.all([this.wakeBy(this.#guardAt()), this.run()]);
  }

  /** To be called with what an alarm does. Where even its end cannot be kept, whoever comes next sets it. */
  async ring(work: () => Promise<void>): Promise<void> {
    this.#alarmAt = Infinity;
    try {
      await work();
      await this.run();
    } catch (error) {
      this.#alarmAt = null;
      throw error;
    }
  }

  /** Carries out what is due, and sets the alarm for the rest. One at a time, for all that committed meanwhile. */
  run(): Promise<void> {
    this.#running ??= this.#carryOut();
    return this.#running;
  }

  /** Sets the alarm where none is: the platform drops one after an outage longer than its own retries. */
  async ensureAlarm(): Promise<void> {
    if (this.#isLost && this.#running === null) await this.#arm();
  }

  /** Has the alarm ring at an instant, or before it. */
  async wakeBy(at: number): Promise<void> {
    if (this.#isLost || this.#alarmAt === null || at < this.#alarmAt) await this.#set(at);
  }

  get #isLost(): boolean {
    return this.#alarmAt === null || this.#alarmAt < this.#deps.now() - LOST_MS;
  }

  /** When a commit of now is looked at again. What is due is looked up once all is carried out. */
  #guardAt(): number {
    const { now, nextDueAt, pausedUntil } = this.#deps;
    const guard = now() + GUARD_MS;
    // While nothing is published, an alarm for each commit would find nothing to do.
    return pausedUntil() > guard ? Math.max(nextDueAt(now()), guard) : guard;
  }

  async #carryOut(): Promise<void> {
    try {
      await this.#deps.carryOut();
    } finally {
      this.#running = null;
    }
    await this.#arm();
  }

  /** Sets the alarm for what is next, however far it is. */
  async #arm(): Promise<void> {
    const now = this.#deps.now();
    const next = Math.max(this.#deps.nextDueAt(now), now);
    if (next !== this.#alarmAt) await this.#set(next);
  }

  /** @throws whatever the platform refuses it with: then whoever comes next tries again */
  async #set(at: number): Promise<void> {
    const { alarm } = this.#deps;
    this.#alarmAt = at;
    try {
      await (at === Infinity ? alarm.clear() : alarm.set(at));
    } catch (error) {
      this.#alarmAt = null;
      throw error;
    }
  }
}
