// Random schedules of a job: its real lifecycle, window and lanes, with a crash between any two steps, and whatever its
// user does. What must hold in each: every item ends once and stays as it ended; counts add up; what must not be sent
// twice is not, and its attempts tell what was sent; nothing is started that may not be; while anything is to be done an
// alarm is set for it, or the register looks at it the next day; and in the end everything has ended, and the register
// knows it.
import type { Attempt } from "../../src/domain/jobs/job";
import {
  isActive,
  isAtRest,
  isUnderWay,
  type JobOptions,
  type JobRecord,
} from "../../src/domain/jobs/job-record";
import { createJob } from "../../src/domain/jobs/decision";
import { canAct, JOB_ACTIONS, type JobAction } from "../../src/domain/jobs/transitions";
import type { ItemPlan } from "../../src/domain/jobs/window";
import { nextLook } from "../../src/durable-objects/register-watch";
import type { Random } from "../support/random";
import { PlatformAlarm } from "./alarm";
import { JobDisk } from "./job-disk";
import { JobObject, type Sent } from "./job-object";
import { check, untilQuiet, type Lifecycle, type Tell } from "./runner";

const START = 20_000 * 86_400_000;
const HOUR_MS = 3_600_000;
const HOSTS = ["a", "b"];
/** Rounds within which everything ends once nothing fails any more. */
const MAX_ROUNDS = 3000;
const ERROR = { code: "broken", detail: "It broke." };

/** Counts the steps of all schedules. */
export const jobSteps = { count: 0 };

/** The lifecycle of a job. */
export const jobLifecycle: Lifecycle = async (chance, tell) => {
  const schedule = new JobSchedule(chance, tell);
  const steps = chance.between(10, 80);
  for (let step = 0; step < steps; step += 1) await schedule.step();
  await schedule.finish();
};

interface Item extends ItemPlan {
  /** Times that it arrived since it was last given back, and those of them that count. */
  arrivals: number;
  refusals: number;
}

/** True while the alarm of a job has to ring. */
function isToDo(record: JobRecord): boolean {
  return isUnderWay(record) || record.isUntold || record.reportAt !== null;
}

class JobSchedule {
  readonly #chance: Random;
  readonly #tell: Tell;
  readonly #disk: JobDisk;
  readonly #alarm = new PlatformAlarm();
  readonly #items: readonly Item[];
  readonly #sent = new Set<Sent>();
  readonly #closedUntil = new Map<string, number>();
  #object: JobObject;
  #now = START;
  #isReachable = true;
  #spentUntil = 0;
  /** Changes of the job that the register knows of. */
  #reported = 0;
  /** True if the register looks at the job each day. */
  #isWatched = true;
  #nextLook = nextLook(START);
  #broken: unknown = null;
  /** The most items in flight that any options allowed since there were fewer. */
  #most: number;

  constructor(chance: Random, tell: Tell) {
    this.#chance = chance;
    this.#tell = tell;
    const items = chance.between(1, 20);
    this.#items = Array.from({ length: items }, () => this.#drawItem());
    const options = this.#drawOptions();
    this.#most = options.concurrency;
    // The register hears of a job before it is stored.
    const startAt = chance.chance(0.1) ? START + 60_000 : null;
    const parts = { total: items, retentionMs: 24 * HOUR_MS, startAt };
    const { record, alarmAt } = createJob({ createdAt: START, options }, parts, START);
    this.#disk = new JobDisk(record, items);
    this.#alarm.at = alarmAt;
    this.#object = this.#open();
    // Half of the requests that submit die before they run anything.
    if (chance.chance(0.5)) this.#object.run();
  }

  async step(): Promise<void> {
    const roll = this.#chance.next();
    if (roll < 0.45) this.#settleOne(this.#drawOutcome());
    else if (roll < 0.65) await this.#pass(this.#chance.between(0, 2000));
    else if (roll < 0.72) await this.#pass(this.#chance.between(0, HOUR_MS));
    else if (roll < 0.8) await this.#ring();
    else if (roll < 0.86) this.#crash();
    else if (roll < 0.94) this.#act();
    else if (roll < 0.96) this.#disk.isWritable = !this.#disk.isWritable;
    else if (roll < 0.98) this.#isReachable = !this.#isReachable;
    else if (roll < 0.99) this.#spentUntil = this.#now + this.#chance.between(0, HOUR_MS);
    else this.#object.heal();
    await this.#after();
  }

  /** Lets nothing fail any more, and waits for the end. */
  async finish(): Promise<void> {
    this.#tell("nothing fails any more");
    this.#disk.isWritable = true;
    this.#isReachable = true;
    this.#spentUntil = 0;
    for (let round = 0; this.#isToGoOn(); round += 1) {
      check(round < MAX_ROUNDS, "a job comes to its end");
      if (this.#disk.record?.status === "paused") this.#object.apply({ type: "resume" });
      if (this.#sent.size > 0) this.#settleOne({ status: "succeeded", output: null });
      else {
        const look = this.#isWatched ? this.#nextLook : Infinity;
        const next = Math.min(this.#alarm.at ?? Infinity, this.#object.nextTimer, look);
        check(next < Infinity, "while something is to be done, the job wakes up");
        await this.#pass(Math.max(0, next - this.#now));
        await this.#ring();
      }
      await this.#after();
    }
    this.#checkEnd();
  }

  #isToGoOn(): boolean {
    const { record } = this.#disk;
    return record !== null && isToDo(record);
  }

  #checkEnd(): void {
    const { record, chunks } = this.#disk;
    if (record === null) return;
    const { succeeded, failed } = chunks.counts();
    const isAll = succeeded + failed === record.total;
    check(record.status !== "completed" || isAll, "a completed job has ended every item");
    check(this.#reported === record.changes, "the register knows how it has ended");
    for (const [index, state] of chunks.states.entries()) {
      const { isOnce, arrivals, refusals, maxAttempts } = this.#items[index] ?? this.#drawItem();
      if (!isOnce) continue;
      check(arrivals - refusals <= maxAttempts, "nothing is sent more often than it may be");
      check(state.attempts >= arrivals, "attempts tell all that was sent");
    }
  }

  #open(): JobObject {
    return new JobObject({
      disk: this.#disk,
      alarm: this.#alarm,
      now: () => this.#now,
      plan: (index) => this.#items[index] ?? this.#drawItem(),
      spentUntil: () => this.#spentUntil,
      canOpen: () => this.#isReachable,
      report: (record) => this.#takeReport(record),
      onSent: (sent, inFlight) => {
        try {
          this.#checkSent(sent, inFlight);
        } catch (error) {
          this.#broken ??= error;
        }
      },
    });
  }

  /** The register takes reports in any state of the job; now and then its answer is lost. */
  #takeReport(record: JobRecord): boolean {
    if (!this.#isReachable) return false;
    check(record.changes >= this.#reported, "no report is older than one before");
    this.#reported = record.changes;
    this.#isWatched = !isAtRest(record);
    return this.#chance.chance(0.9);
  }

  #checkSent(sent: Sent, inFlight: number): void {
    this.#tell(`send ${sent.index}`);
    this.#sent.add(sent);
    const item = this.#items[sent.index];
    const { record, chunks } = this.#disk;
    const mayRun = record !== null && (isActive(record) || this.#object.stoppedAt === this.#now);
    check(mayRun, "nothing is sent for a job that is not running");
    check(this.#now >= this.#spentUntil, "nothing is sent while a budget is spent");
    check(inFlight <= this.#most, "no more is in flight than is allowed");
    const state = chunks.states[sent.index];
    check(state?.status === "pending", "nothing is sent that has ended");
    const isChosen = record?.isPartial !== true || Object(state).run === record.run;
    check(isChosen, "nothing is sent that was not chosen");
    if (item === undefined) return;
    const closedUntil = this.#closedUntil.get(item.gate) ?? 0;
    check(this.#now >= closedUntil, "nothing is sent to a host that asked for patience");
    item.arrivals += 1;
    if (!item.isOnce) return;
    const isMarked = chunks.flight?.started.some(([index]) => index === sent.index) === true;
    check(isMarked, "a start is kept before it is sent");
  }

  #settleOne(attempt: Attempt | "broken" | "cut"): void {
    const [...all] = this.#sent;
    const sent = all[this.#chance.between(0, Math.max(0, all.length - 1))];
    if (sent === undefined) return;
    this.#sent.delete(sent);
    const item = this.#items[sent.index];
    this.#tell(`end ${sent.index}: ${typeof attempt === "string" ? attempt : attempt.status}`);
    if (attempt === "broken") return sent.reject(new Error("Durable Object reset"));
    if (attempt === "cut") {
      // Nothing of it was sent: an item that is sent once reserves all that it may take.
      if (item !== undefined) item.arrivals -= 1;
      return sent.resolve({ attempt: null, requests: 0 });
    }
    if (attempt.status === "refused" && item !== undefined) {
      item.refusals += 1;
      const until = this.#now + (attempt.waitMs ?? 0);
      this.#closedUntil.set(item.gate, Math.max(until, this.#closedUntil.get(item.gate) ?? 0));
    }
    return sent.resolve({ attempt, requests: this.#chance.between(1, 7) });
  }

  #crash(): void {
    this.#tell("crash");
    this.#object.crash();
    this.#alarm.crash(this.#now);
    this.#sent.clear();
    // What a host asked in the last second may not have been saved.
    this.#closedUntil.clear();
    this.#object = this.#open();
  }

  #act(): void {
    const { record } = this.#disk;
    if (record === null || !this.#disk.isWritable) return;
    const roll = this.#chance.next();
    if (roll < 0.02) return this.#delete();
    if (isAtRest(record)) {
      if (!this.#isReachable) return;
      this.#isWatched = true;
    }
    if (roll < 0.2) {
      const options = this.#drawOptions();
      this.#most = Math.max(options.concurrency, this.#object.inFlight);
      this.#tell(`options ${JSON.stringify(options)}`);
      return this.#object.apply({ type: "change", work: { ...record.work, options } });
    }
    const action = JOB_ACTIONS[this.#chance.between(0, JOB_ACTIONS.length - 1)] ?? "pause";
    if (canAct(record, action)) this.#steer(action);
  }

  #steer(action: JobAction): void {
    this.#tell(action);
    if (action === "retry") this.#retry();
    else this.#object.apply({ type: action });
    if (action === "cancel" && !this.#object.isRunning) this.#object.settle();
    const isResumed = action === "resume" || action === "retry";
    if (isResumed && this.#chance.chance(0.5)) this.#object.run();
  }

  /** Retries what failed, with or without what never ran, or some of what failed alone. */
  #retry(): void {
    const isPartial = this.#chance.chance(0.5);
    const share = isPartial && this.#chance.chance(0.5) ? 0.5 : 1;
    for (const index of this.#disk.restart(() => this.#chance.chance(share)))
      Object.assign(this.#items[index] ?? {}, { arrivals: 0, refusals: 0 });
    const { failed } = this.#disk.chunks.counts();
    this.#object.apply({ type: "retry", isPartial, failedBefore: failed });
  }

  #delete(): void {
    this.#tell("delete");
    this.#object.crash();
    this.#sent.clear();
    this.#alarm.at = null;
    this.#disk.erase();
    this.#object = this.#open();
  }

  async #pass(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const next = Math.min(this.#object.nextTimer, this.#nextLook);
      if (next > until) break;
      this.#now = Math.max(this.#now, next);
      this.#object.fire();
      if (next === this.#nextLook) this.#look();
      await untilQuiet();
    }
    this.#now = until;
  }

  /** The register's look of the day. */
  #look(): void {
    this.#nextLook = nextLook(this.#now);
    if (this.#isWatched) this.#object.heal();
  }

  async #ring(): Promise<void> {
    if (this.#alarm.at === null || this.#alarm.at > this.#now || this.#alarm.isRinging) return;
    this.#tell("alarm");
    await this.#alarm.ring(
      () => this.#object.onAlarm(),
      () => this.#now,
    );
  }

  async #after(): Promise<void> {
    jobSteps.count += 1;
    await untilQuiet();
    if (this.#broken !== null) throw this.#broken;
    const { record, chunks } = this.#disk;
    if (record === null) return;
    const { succeeded, failed } = chunks.counts();
    check(succeeded + failed <= record.total, "counts add up");
    if (!isToDo(record)) return;
    const isCovered = this.#alarm.isRinging || this.#alarm.at !== null || this.#object.isRunning;
    check(isCovered || this.#isWatched, "an alarm is set for what is due, or the register looks");
  }

  #drawItem(): Item {
    const isOnce = this.#chance.chance(0.5);
    return {
      gate: HOSTS[this.#chance.between(0, HOSTS.length - 1)] ?? "a",
      isOnce,
      maxAttempts: isOnce && this.#chance.chance(0.7) ? 1 : this.#chance.between(1, 3),
      arrivals: 0,
      refusals: 0,
    };
  }

  #drawOptions(): JobOptions {
    return {
      concurrency: [1, 2, 5, 7, 13][this.#chance.between(0, 4)] ?? 1,
      ...(this.#chance.chance(0.2) && { rate: "5/s" }),
      ...(this.#chance.chance(0.2) && { stop_after_failures: this.#chance.between(1, 3) }),
      ...(this.#chance.chance(0.2) && { timeout_s: this.#chance.between(1, 100) }),
    };
  }

  #drawOutcome(): Attempt | "broken" | "cut" {
    const roll = this.#chance.next();
    if (roll < 0.5) return { status: "succeeded", output: null };
    if (roll < 0.65) return { status: "failed", error: ERROR, isFinal: this.#chance.chance(0.3) };
    if (roll < 0.85) {
      const waitMs = this.#chance.chance(0.8) ? this.#chance.between(0, 5000) : null;
      return { status: "refused", error: ERROR, waitMs };
    }
    return roll < 0.93 ? "broken" : "cut";
  }
}
