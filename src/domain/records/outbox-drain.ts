// Decides when an outbox is drained: right after each commit, and by the alarm until nothing is left. The
// alarm is set in the commit's transaction, so it fires even if the request that committed dies. Rows are the
// truth, alarms are hints: a read that finds work without an alarm sets one.

/**
 * Milliseconds after a commit at which the alarm drains the outbox, in case the request did not. Commits until
 * then share that alarm. Less than the 10 s without requests after which the platform takes an object from memory.
 */
export const GUARD_MS = 5000;
/**
 * Milliseconds overdue after which an alarm counts as lost: the platform retries a failing alarm for about
 * two minutes, then drops it.
 */
const LOST_MS = 5 * 60_000;

/** The single alarm of a Durable Object. */
export interface Alarm {
  set(at: number): Promise<void>;
}

/** Dependencies of a drain. */
export interface DrainDeps {
  readonly alarm: Alarm;
  readonly now: () => number;
  /** Carries out effects that are due, as many as one invocation may. */
  carryOut(this: void): Promise<void>;
  /** The instant of the next effect, in milliseconds since 1970 UTC; Infinity if there is none. */
  nextDueAt(this: void, now: number): number;
  /** End of the pause in which KV accepts nothing; an instant in the past if there is no pause. */
  pausedUntil(this: void): number;
}

/** Drains an outbox, one run at a time, and keeps the object's alarm at the next instant of work. */
export class OutboxDrain {
  readonly #deps: DrainDeps;
  /** The instant for which the alarm is set; Infinity for none, null if unknown. */
  #alarmAt: number | null = null;
  #running: Promise<void> | null = null;

  constructor(deps: DrainDeps) {
    this.#deps = deps;
  }

  /** Adopts the alarm that was set before this instance of the object started. */
  resume(alarmAt: number | null): void {
    this.#alarmAt = alarmAt;
  }

  /** Called after a commit without an `await` in between, so that commit and alarm are one transaction. */
  async committed(): Promise<void> {
    // A run under way sees this commit too. Were it waited for, thousands of commits would all stay in memory.
    const run = this.#running === null ? this.run() : undefined;
    await Promise.all([this.wakeBy(this.#guardAt()), run]);
  }

  /** Runs the work of an alarm. If setting the next alarm fails too, the next read sets it (`ensureAlarm`). */
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

  /** Carries out what is due and sets the alarm for the rest. Commits during a run join it. */
  run(): Promise<void> {
    this.#running ??= this.#carryOut();
    return this.#running;
  }

  /** Sets the alarm if there is none: the platform drops an alarm that kept failing during an outage. */
  async ensureAlarm(): Promise<void> {
    if (this.#isLost && this.#running === null) await this.#arm();
  }

  /** Makes the alarm fire at the given instant or earlier. */
  async wakeBy(at: number): Promise<void> {
    if (this.#isLost || this.#alarmAt === null || at < this.#alarmAt) await this.#set(at);
  }

  get #isLost(): boolean {
    return this.#alarmAt === null || this.#alarmAt < this.#deps.now() - LOST_MS;
  }

  /** The instant at which the alarm looks after a commit made now, in case the object dies before its effects ran. */
  #guardAt(): number {
    const { now, nextDueAt, pausedUntil } = this.#deps;
    const guard = now() + GUARD_MS;
    // While KV publishing is paused, an alarm per commit would find nothing to do.
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

  /**
   * Makes the alarm fire in time for the next work. One that rings too early is left, as it costs less than
   * setting it once more after each commit.
   */
  async #arm(): Promise<void> {
    const now = this.#deps.now();
    if (this.#isLost) this.#alarmAt = Infinity;
    await this.wakeBy(Math.max(this.#deps.nextDueAt(now), now));
  }

  /** @throws the platform's error; `#alarmAt` is then unknown, so that the next call sets it again */
  async #set(at: number): Promise<void> {
    const { alarm } = this.#deps;
    this.#alarmAt = at;
    try {
      await alarm.set(at);
    } catch (error) {
      this.#alarmAt = null;
      throw error;
    }
  }
}
