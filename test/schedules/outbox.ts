// Random schedules of a table's outbox. What must hold in each: every effect ends, in order, none before its
// commit; the copy in KV ends up as the table; KV is written to at its pace, and not at all while a day's
// pause lasts; an alarm is set for as long as there is something to do.
import { GUARD_MS } from "../../src/domain/records/outbox-drain";
import { nextMidnight } from "../../src/lib/next-midnight";
import type { Random } from "../support/random";
import { PlatformAlarm } from "./alarm";
import { Effects, type Numbered } from "./effects";
import { isOfKey, RefusingKv, type State } from "./kv";
import type { OutboxDisk } from "./outbox-disk";
import { OutboxObject, type Sent } from "./outbox-object";
import { check, untilQuiet, type Lifecycle, type Tell } from "./runner";

const DAY_MS = 24 * 60 * 60_000;
const RECORDS = ["a", "b", "c", "d", "e", "f", "g", "h"];
/** A commit is looked at again by then, with a clock that may have gone back since, and an alarm that failed. */
const SLACK_MS = 4 * GUARD_MS;
/** Longer than the platform repeats an alarm. */
const GIVEN_UP_MS = 6 * 60_000;
/** Alarms within which everything must end once nothing fails any more. */
const MAX_ALARMS = 400;

/** The lifecycle of an outbox whose rows lie on this disk. */
export function outboxOn(disk: OutboxDisk): Lifecycle {
  return async (chance, tell) => {
    disk.isWritable = true;
    disk.wipe();
    const schedule = new OutboxSchedule(disk, chance, tell);
    const steps = chance.between(3, 25);
    for (let step = 0; step < steps; step += 1) await schedule.step();
    await schedule.finish();
  };
}

class OutboxSchedule {
  readonly #chance: Random;
  readonly #tell: Tell;
  readonly #disk: OutboxDisk;
  readonly #alarm = new PlatformAlarm();
  readonly #effects = new Effects();
  readonly #kv: RefusingKv;
  readonly #states = new Map<string, State | null>();
  readonly #budget: number;
  #object: OutboxObject;
  #now: number;
  /** Given so far: no two states have one version. */
  #versions = 0;
  /** Rows could not be written lately: until somebody comes, no alarm need be set. */
  #isNeglected = false;
  /** The pause that must not be changed by a refusal of one key. */
  #pauseStays: number | null = null;

  constructor(disk: OutboxDisk, chance: Random, tell: Tell) {
    this.#disk = disk;
    this.#chance = chance;
    this.#tell = tell;
    this.#budget = chance.chance(0.5) ? 400 : chance.between(1, 6);
    this.#kv = new RefusingKv(chance.chance(0.5) ? 1000 : chance.between(1, 8));
    this.#now = 20_000 * DAY_MS + chance.between(0, DAY_MS - 1);
    this.#object = this.#start();
  }

  async step(): Promise<void> {
    await this.#draw();
    await untilQuiet();
    this.#checkNow();
  }

  /** Lets nothing fail any more, and waits for the end. */
  async finish(): Promise<void> {
    this.#tell("nothing fails any more");
    this.#kv.isOut = false;
    this.#disk.isWritable = true;
    for (const [id, state] of this.#states)
      if (state?.isTooLarge === true) this.#commit(id, false, false);
    this.#object.read();
    await untilQuiet();
    this.#isNeglected = false;
    for (let alarms = 0; ;) {
      while (this.#object.sent.length > 0) {
        this.#settle(1);
        await untilQuiet();
        this.#checkNow();
      }
      if (this.#alarm.at === null) break;
      check((alarms += 1) < MAX_ALARMS, "the outbox comes to its end");
      this.#now = Math.max(this.#now, this.#alarm.at);
      this.#ring();
      await untilQuiet();
      this.#checkNow();
    }
    for (const { outbox } of [this.#object, this.#start()])
      check(outbox.nextDueAt(this.#now) === Infinity, "nothing is left");
    this.#effects.checkAllDone();
    for (const [id, state] of this.#states)
      check(this.#kv.version(id) === (state?.version ?? null), `KV has the last state of ${id}`);
  }

  async #draw(): Promise<void> {
    const { at, isRinging } = this.#alarm;
    const isDue = at !== null && at <= this.#now && !isRinging;
    if (isDue && this.#chance.chance(0.5)) this.#ring();
    else await this.#pick(this.#steps)();
  }

  /** A step stands here as often as it is likely. */
  readonly #steps: readonly (() => void | Promise<void>)[] = [
    ...repeat(40, () => this.#settle(0.6)),
    ...repeat(25, () => {
      const id = this.#pick([...RECORDS, ...this.#states.keys()]);
      this.#commit(id, this.#chance.chance(0.1), this.#chance.chance(0.1));
    }),
    ...repeat(2, () => this.#fill(this.#chance.chance(0.1))),
    ...repeat(15, () => this.#pass()),
    ...repeat(7, () => this.#crash()),
    ...repeat(3, () => this.#toggleKv()),
    ...repeat(2, () => this.#toggleWritable()),
    ...repeat(2, () => this.#read()),
    () => this.#outlast(),
    () => this.#giveUp(),
  ];

  #commit(id: string, isTooLarge: boolean, isRolledBack: boolean): void {
    const known = this.#states.get(id) ?? null;
    const state = known && this.#chance.chance(0.2) ? null : this.#newState(isTooLarge);
    const effects = this.#effects.draw(id, this.#chance);
    this.#tell(`commit ${id} ${JSON.stringify({ state, effects, isRolledBack })}`);
    const isCommitted = this.#atomically(() => {
      this.#store(id, known, state, effects);
      if (isRolledBack) throw new Error("Rolled back");
    });
    if (!isCommitted) return;
    this.#states.set(id, state);
    this.#effects.promise(effects);
    this.#object.committed();
    this.#isNeglected = false;
  }

  #newState(isTooLarge: boolean): State {
    this.#versions += 1;
    return { version: this.#versions, isTooLarge };
  }

  /** @param known the state before: null for a record that is created, or comes back */
  #store(id: string, known: State | null, state: State | null, effects: readonly Numbered[]): void {
    const { outbox, table } = this.#object;
    if (state === null) table.delete(id, "deleted", this.#now);
    else if (known !== null) table.replace({ id, ...state }, null);
    else outbox.addCreation(this.#insert(id, state), effects, this.#now);
    if (known !== null) outbox.add(id, effects, this.#now);
    else if (outbox.isBehind(id)) outbox.add(id, [], this.#now);
  }

  #insert(id: string, state: State): number {
    const { table } = this.#object;
    const seq = table.nextSeq(this.#now);
    const isNew = table.insert({ id, ...state }, seq, { mayReturn: true });
    check(isNew, "no number is given twice");
    return seq;
  }

  /** Records that only KV has come into the table. */
  #fill(isRolledBack: boolean): void {
    const ids = Array.from({ length: this.#chance.between(1, 3) }, () => this.#newState(false));
    const states = new Map(ids.map((state) => [`from KV ${state.version}`, state]));
    this.#tell(`fill ${[...states.keys()].join()} ${isRolledBack}`);
    const isCommitted = this.#atomically(() => {
      const { outbox } = this.#object;
      outbox.holdNew(this.#now);
      for (const [id, state] of states) outbox.addCreation(this.#insert(id, state), [], this.#now);
      if (isRolledBack) throw new Error("Rolled back");
      outbox.passNew();
    });
    if (!isCommitted) return;
    // What waited has rows now, also where it is under way.
    this.#kv.mayBeSentAgain([...this.#states.values()]);
    for (const [id, state] of states) {
      this.#states.set(id, state);
      this.#kv.place(id, state);
    }
  }

  #atomically(run: () => void): boolean {
    try {
      this.#disk.atomically(run);
      return true;
    } catch {
      return false;
    }
  }

  /** Answers something that was sent: well with this likelihood. */
  #settle(success: number): void {
    const [sent] = this.#object.sent.splice(this.#below(this.#object.sent.length), 1);
    if (sent === undefined) return;
    const error = "id" in sent ? this.#write(sent) : this.#perform(sent, success);
    if (error === null) sent.resolve();
    else sent.reject(error);
  }

  #write({ id, state }: Extract<Sent, { id: string }>): Error | null {
    const error = this.#kv.write(id, state, this.#now, this.#chance);
    this.#tell(`KV of ${id}: ${error === null ? "written" : error.message}`);
    if (error === null) this.#kv.toldWritten(state);
    // A refusal that could not be stored is tried again.
    if (!this.#disk.isWritable) return error;
    this.#kv.told(id, error, this.#now);
    if (error !== null && isOfKey(error)) this.#pauseStays = this.#object.outbox.pause.until;
    return error;
  }

  #perform({ effect }: Extract<Sent, { effect: object }>, success: number): Error | null {
    const isDone = this.#chance.chance(success);
    const isTaken = isDone || this.#chance.chance(0.3);
    this.#tell(`${effect.kind} ${effect.recordId} ${effect.nth}: ${isDone} ${isTaken}`);
    if (isTaken) this.#effects.take(effect);
    // An outcome that could not be stored is repeated at once.
    this.#effects.end(effect, isDone || !this.#disk.isWritable ? null : this.#now);
    return isDone ? null : new Error("Not done");
  }

  /** Time passes. */
  #pass(): void {
    const now = this.#now;
    const until = [
      now + this.#chance.between(0, 1500),
      now + this.#chance.between(0, 15_000),
      now + this.#chance.between(0, 3_600_000),
      Math.max(now, this.#alarm.at ?? now),
      nextMidnight(now) + this.#chance.between(-1, 1),
    ];
    this.#now = this.#pick(until);
    this.#tell(`it is ${new Date(this.#now).toISOString()}`);
  }

  #ring(): void {
    this.#tell("the alarm rings");
    void this.#alarm.ring(this.#object.onAlarm, () => this.#now);
  }

  /** The object is gone, and another starts, maybe where clocks are behind. */
  #crash(): void {
    for (const sent of this.#object.sent) {
      if (!this.#chance.chance(0.5)) continue;
      if ("id" in sent) this.#kv.write(sent.id, sent.state, this.#now, this.#chance);
      else this.#effects.take(sent.effect);
    }
    if (this.#chance.chance(0.3)) this.#setBack();
    this.#tell(`crash; it is ${new Date(this.#now).toISOString()}`);
    this.#effects.crash();
    this.#kv.forgetTold();
    this.#alarm.crash(this.#now);
    this.#object = this.#start();
  }

  /** Not to the day before, whose quotas and pauses are over. */
  #setBack(): void {
    const midnight = nextMidnight(this.#now) - DAY_MS;
    this.#now = Math.max(midnight, this.#now - this.#chance.between(0, 500));
  }

  #start(): OutboxObject {
    return new OutboxObject({
      disk: this.#disk,
      alarm: this.#alarm,
      effects: this.#effects,
      kv: this.#kv,
      now: () => this.#now,
      budget: this.#budget,
    });
  }

  #toggleKv(): void {
    this.#kv.isOut = !this.#kv.isOut;
    this.#tell(`KV is out of order: ${this.#kv.isOut}`);
  }

  #toggleWritable(isWritable = !this.#disk.isWritable): void {
    this.#disk.isWritable = isWritable;
    this.#tell(`rows can be written: ${this.#disk.isWritable}`);
    this.#isNeglected = true;
  }

  /** Rows cannot be written for longer than the platform repeats an alarm; nobody comes meanwhile. */
  async #outlast(): Promise<void> {
    this.#toggleWritable(false);
    while (this.#alarm.at !== null) {
      this.#now = Math.max(this.#now, this.#alarm.at);
      this.#ring();
      await untilQuiet();
      while (this.#object.sent.length > 0) {
        this.#settle(0.6);
        await untilQuiet();
      }
    }
    // Whoever comes now has no alarm set, either.
    this.#read();
    await untilQuiet();
    this.#toggleWritable(true);
    this.#read();
  }

  /** An alarm never reaches the object, and is given up. Somebody comes when that must have been. */
  #giveUp(): void {
    if (this.#alarm.at === null || this.#object.sent.length > 0) return;
    this.#now = Math.max(this.#now, this.#alarm.at) + GIVEN_UP_MS;
    this.#tell(`the alarm is given up; it is ${new Date(this.#now).toISOString()}`);
    this.#alarm.at = null;
    this.#isNeglected = true;
    this.#read();
  }

  #read(): void {
    this.#tell("somebody reads");
    this.#object.read();
    if (this.#disk.isWritable) this.#isNeglected = false;
  }

  #checkNow(): void {
    if (this.#object.broken !== null) throw this.#object.broken;
    const { outbox } = this.#object;
    const isPauseKept = this.#pauseStays === null || this.#pauseStays === outbox.pause.until;
    check(isPauseKept, "what KV refuses of one key holds back no other");
    this.#pauseStays = null;
    const next = outbox.nextDueAt(this.#now);
    if (this.#isNeglected || !this.#disk.isWritable || next === Infinity) return;
    this.#alarm.checkCovers(Math.max(next, this.#now), SLACK_MS);
  }

  #below(count: number): number {
    return this.#chance.between(0, count - 1);
  }

  #pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }
}

function repeat<T>(times: number, step: T): T[] {
  return Array.from({ length: times }, () => step);
}
