// When an outbox is carried out: at once after each commit, and by the alarm until nothing is left. The
// alarm is set together with the commit, so that it rings whatever becomes of the request that made it.
// Rows are the truth, alarms are hints: whoever finds work without an alarm sets one.

/** By then a commit is looked at again. */
export const GUARD_MS = 10_000;

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
}

export class OutboxDrain {
  readonly #deps: DrainDeps;
  /** When the alarm rings; Infinity for never. */
  #alarmAt = Infinity;
  #running: Promise<void> | null = null;

  constructor(deps: DrainDeps) {
    this.#deps = deps;
  }

  /** Learns of the alarm that was set before this object was. */
  resume(alarmAt: number | null): void {
    this.#alarmAt = alarmAt ?? Infinity;
  }

  /** To be called without an await since the commit, so that commit and alarm are one transaction. */
  async committed(): Promise<void> {
    // What is due when is looked up once all is carried out: here it would be with each commit.
    await Promise.all([this.wakeBy(this.#deps.now() + GUARD_MS), this.run()]);
  }

  /** To be called first when the alarm rings. */
  rang(): void {
    this.#alarmAt = Infinity;
  }

  /** Carries out what is due, and sets the alarm for the rest. One at a time, for all that committed meanwhile. */
  run(): Promise<void> {
    this.#running ??= this.#carryOut();
    return this.#running;
  }

  /** Sets the alarm where none is: the platform has dropped it after an outage longer than its own retries. */
  async ensureAlarm(): Promise<void> {
    if (this.#alarmAt === Infinity && this.#running === null) await this.#arm();
  }

  /** Has the alarm ring at an instant, or before it. */
  async wakeBy(at: number): Promise<void> {
    if (at < this.#alarmAt) await this.#set(at);
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
    const next = this.#deps.nextDueAt(this.#deps.now());
    if (next !== this.#alarmAt) await this.#set(next);
  }

  async #set(at: number): Promise<void> {
    const { alarm, now } = this.#deps;
    this.#alarmAt = at;
    try {
      await (at === Infinity ? alarm.clear() : alarm.set(Math.max(at, now())));
    } catch (error) {
      this.#alarmAt = Infinity;
      throw error;
    }
  }
}
