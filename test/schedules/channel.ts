// Random schedules of a channel over its real store. What must hold in each: nothing is lost, every event
// ends; two of one record are never under way at once, and those that were never refused arrive in order;
// no more is under way than is allowed; nothing is sent while the receiver asked for patience, faster than
// the pace, or to a channel that is paused or disabled; flow control uses no attempt up.
import {
  decideStarts,
  enable,
  pause,
  PATIENCE_MS,
  SCHEDULE_MS,
  settle,
  type Pace,
  type Verdict,
  type Waiting,
} from "../../src/domain/notifications/channel-lifecycle";
import { createEvent } from "../../src/domain/notifications/events";
import { ChannelStore } from "../../src/storage/channel-store";
import { CHANNEL_MIGRATIONS } from "../../src/storage/delivery-rows";
import { migrate } from "../../src/storage/migrate";
import type { Random } from "../support/random";
import type { Sqlite } from "./outbox-disk";
import { check, type Lifecycle, type Tell } from "./runner";

const SECOND_MS = 1000;
const HOUR_MS = 3600 * SECOND_MS;
const START = 20_000 * 24 * HOUR_MS;
const RECORDS = ["a", "b", "c", "d"];
const FREE: Pace = { inFlight: 4, intervalMs: 0, hasDigests: false };
const PACES: readonly Pace[] = [
  FREE,
  { inFlight: 4, intervalMs: 1000, hasDigests: false },
  { inFlight: 1, intervalMs: 1000, hasDigests: true },
  { inFlight: 1, intervalMs: 0, hasDigests: true },
];

/** Rounds within which everything ends once nothing fails any more. */
const MAX_ROUNDS = 2000;

/** The lifecycle of a channel whose rows lie in this database. */
export function channelOn(sqlite: Sqlite): Lifecycle {
  // Only `sql.exec` and `transactionSync` of it are used.
  const storage = sqlite as unknown as DurableObjectStorage;
  migrate(storage, CHANNEL_MIGRATIONS);
  return async (chance, tell) => {
    for (const table of ["deliveries", "attempts", "alerts", "facts"])
      sqlite.sql.exec(`DELETE FROM ${table}`);
    const schedule = new ChannelSchedule(storage, chance, tell);
    const steps = chance.between(3, 25);
    for (let step = 0; step < steps; step += 1) schedule.step();
    schedule.finish();
  };
}

interface Told {
  readonly record: string;
  readonly nth: number;
  arrivals: number;
  failures: number;
  isCancelled: boolean;
}

class ChannelSchedule {
  readonly #storage: DurableObjectStorage;
  readonly #chance: Random;
  readonly #tell: Tell;
  readonly #pace: Pace;
  readonly #told: Told[] = [];
  readonly #bySeq = new Map<number, Told>();
  readonly #lastArrival = new Map<string, number>();
  #store: ChannelStore;
  #underWay: (readonly Waiting[])[] = [];
  #now = START;
  #wakeAt = Infinity;
  #lastStartAt = -Infinity;
  #closedUntil = 0;

  constructor(storage: DurableObjectStorage, chance: Random, tell: Tell) {
    this.#storage = storage;
    this.#chance = chance;
    this.#tell = tell;
    this.#pace = PACES[chance.between(0, PACES.length - 1)] ?? FREE;
    this.#store = new ChannelStore(storage);
  }

  step(): void {
    const roll = this.#chance.next();
    // Sometimes as many as make a digest.
    const burst = this.#chance.chance(0.1) ? 15 : 2;
    if (roll < 0.4) for (let n = this.#chance.between(1, burst); n > 0; n -= 1) this.#enqueue();
    else if (roll < 0.7 && this.#underWay.length > 0) this.#end(this.#draw());
    else if (roll < 0.85) this.#pass();
    else if (roll < 0.9) this.#crash();
    else if (roll < 0.93) this.#store.state = pause(this.#store.state);
    else if (roll < 0.97) this.#enable();
    else this.#cancel();
    this.#pump();
  }

  /** Lets nothing fail any more, and waits for the end. */
  finish(): void {
    this.#tell("nothing fails any more");
    this.#enable();
    this.#pump();
    for (let round = 0; this.#store.counts().waiting > 0 || this.#underWay.length > 0; round += 1) {
      check(round < MAX_ROUNDS, "a channel comes to its end");
      if (this.#underWay.length > 0) this.#end({ kind: "delivered", httpStatus: 204 });
      else {
        check(this.#wakeAt < Infinity, "while something waits, the channel wakes up");
        this.#now = Math.max(this.#now, this.#wakeAt);
      }
      this.#pump();
    }
    for (const [n, { arrivals, isCancelled }] of this.#told.entries()) {
      const status = this.#store.find(idOf(n))?.delivery.status;
      check(status !== "pending" && status !== undefined, "every event ends");
      check((status === "delivered") === arrivals > 0, "delivered is what arrived");
      check(isCancelled || status !== "cancelled", "nothing is cancelled by itself");
    }
  }

  #enqueue(): void {
    const record = RECORDS[this.#chance.between(0, RECORDS.length - 1)] ?? "a";
    const nth = this.#told.filter((each) => each.record === record).length;
    const n = this.#told.push({ record, nth, arrivals: 0, failures: 0, isCancelled: false }) - 1;
    const fields = { id: idOf(n), type: "task.updated" as const, recordId: record, data: {} };
    const event = createEvent(fields, this.#now);
    this.#store.add(event, this.#now);
    const told = this.#told[n];
    const seq = this.#store.find(event.id)?.delivery.seq;
    if (told !== undefined && seq !== undefined) this.#bySeq.set(seq, told);
    // A table that did not hear the answer says it again.
    if (this.#chance.chance(0.1)) this.#store.add(event, this.#now);
  }

  #pump(): void {
    // More than one start is decided where a paced one leaves no wait.
    const records = new Set(this.#underWay.flat().map(({ recordId }) => recordId));
    const underWay = { attempts: this.#underWay.length, records };
    const { state } = this.#store;
    const starts = decideStarts(state, this.#pace, this.#store, underWay, this.#now);
    this.#store.state = starts.state;
    this.#wakeAt = starts.wakeAt;
    for (const group of starts.groups) this.#begin(group, state.throttledUntil > this.#now);
    check(this.#wakeAt > this.#now || this.#underWay.length > 0, "it does not wake up for nothing");
  }

  #begin(group: readonly Waiting[], isThrottled: boolean): void {
    this.#tell(`begin ${group.map(({ seq }) => String(seq - START * 1000)).join(" ")}`);
    const others = new Set(this.#underWay.flat().map(({ recordId }) => recordId));
    check(!group.some(({ recordId }) => others.has(recordId)), "two of one record never at once");
    check(this.#store.state.state === "active", "nothing is sent by a channel that is not active");
    check(this.#now >= this.#closedUntil, "nothing is sent while the receiver asked for patience");
    check(this.#now - this.#lastStartAt >= this.#pace.intervalMs, "the pace is kept");
    const most = isThrottled ? 1 : this.#pace.inFlight;
    check(this.#underWay.length < most, "no more is under way than is allowed");
    for (const { dueAt } of group) check(dueAt <= this.#now, "nothing is sent before it is due");
    this.#lastStartAt = this.#now;
    this.#underWay.push(group);
  }

  #draw(): Verdict {
    const roll = this.#chance.next();
    const error = { code: "http-status", detail: "No." };
    if (roll < 0.5) return { kind: "delivered", httpStatus: 204 };
    if (roll < 0.7) return { kind: "failed", httpStatus: 500, error };
    if (roll < 0.75) return { kind: "failed", httpStatus: 500, error, isFinal: true };
    if (roll < 0.8) return { kind: "disable", httpStatus: 410, error };
    const waitMs = this.#chance.chance(0.5) ? null : this.#chance.between(0, 100) * SECOND_MS;
    return { kind: "wait", httpStatus: 429, error, waitMs };
  }

  #end(verdict: Verdict): void {
    const at = this.#chance.between(0, this.#underWay.length - 1);
    const [group = []] = this.#underWay.splice(at, 1);
    this.#tell(`${verdict.kind} ${group.map(({ seq }) => String(seq - START * 1000)).join(" ")}`);
    this.#now += this.#chance.between(0, 5) * 100;
    const before = this.#store.state;
    const settled = settle(before, group, verdict, this.#now, () => this.#chance.next());
    this.#store.state = settled.state;
    if (verdict.kind === "wait") this.#closedUntil = settled.state.closedUntil;
    const error = verdict.kind === "delivered" ? null : verdict.error;
    const { httpStatus } = verdict;
    this.#store.settle(settled.changes, {
      at: this.#now,
      httpStatus,
      durationMs: 1,
      error,
      excerpt: null,
    });
    for (const waiting of group) this.#check(waiting, verdict);
  }

  #check({ seq, tries, eventAt }: Waiting, verdict: Verdict): void {
    const told = this.#bySeq.get(seq);
    check(told !== undefined, "what is told was handed over");
    const stored = this.#store.find(idOf(this.#told.indexOf(told)));
    if (verdict.kind === "delivered") {
      told.arrivals += 1;
      const last = this.#lastArrival.get(told.record) ?? -1;
      const isFirst = told.failures === 0 && told.arrivals === 1;
      const isHealthy = this.#told.every(
        (each) => each.record !== told.record || each.failures === 0,
      );
      check(!isFirst || !isHealthy || told.nth > last, "those of one record arrive in order");
      this.#lastArrival.set(told.record, Math.max(last, told.nth));
    } else this.#checkSetback(told, stored?.delivery.status, { tries, eventAt }, verdict);
    check(tries < SCHEDULE_MS.length, "the schedule has an end");
  }

  #checkSetback(
    told: Told,
    status: string | undefined,
    { tries, eventAt }: Pick<Waiting, "tries" | "eventAt">,
    verdict: Exclude<Verdict, { kind: "delivered" }>,
  ): void {
    const isImpatient = verdict.kind === "wait" && this.#now - eventAt >= PATIENCE_MS;
    if (verdict.kind === "failed" || isImpatient) told.failures += 1;
    const isFinal = verdict.kind === "failed" && verdict.isFinal === true;
    const isLast = (verdict.kind === "failed" || isImpatient) && tries + 1 === SCHEDULE_MS.length;
    const expected = isFinal || isLast ? "failed" : "pending";
    check(told.isCancelled || status === expected, "the schedule is kept");
  }

  #pass(): void {
    const isFar = this.#chance.chance(0.1);
    this.#now += isFar ? this.#chance.between(1, 30) * HOUR_MS : this.#chance.between(1, 3000);
  }

  /** What was under way is cut off: it may have arrived all the same. */
  #crash(): void {
    this.#tell("crash");
    for (const { seq } of this.#underWay.flat()) {
      const told = this.#bySeq.get(seq);
      // It will be told again, under the same id: no promise of order is left for its record.
      if (told !== undefined) told.failures += 1;
    }
    this.#underWay = [];
    this.#store = new ChannelStore(this.#storage);
  }

  #enable(): void {
    this.#tell("enable");
    this.#store.state = enable(this.#store.state);
    this.#closedUntil = 0;
  }

  #cancel(): void {
    const n = this.#chance.between(0, Math.max(0, this.#told.length - 1));
    const stored = this.#store.find(idOf(n));
    const told = this.#told[n];
    if (told === undefined || stored?.delivery.status !== "pending") return;
    this.#tell(`cancel ${String(n)}`);
    told.isCancelled = true;
    this.#store.cancel(stored.delivery.seq);
  }
}

function idOf(n: number): string {
  return `event-${String(n)}`;
}
