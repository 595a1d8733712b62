// An object with an outbox, as a table is one: from its start until it crashes. What it sends into the world
// waits there until a schedule settles it.
import { carryOut, type Carriers } from "../../src/domain/records/outbox";
import { OutboxDrain } from "../../src/domain/records/outbox-drain";
import type { Effects, Numbered } from "./effects";
import type { RefusingKv, State } from "./kv";
import type { Kept, Opened, OutboxDisk } from "./outbox-disk";
import type { PlatformAlarm } from "./alarm";
import { check } from "./runner";

/** Something that was sent and not answered yet. */
export type Sent = {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
} & ({ readonly effect: Numbered } | { readonly id: string; readonly state: State | null });

/** Surroundings of an object. */
export interface World {
  readonly disk: OutboxDisk;
  readonly alarm: PlatformAlarm;
  readonly effects: Effects;
  readonly kv: RefusingKv;
  readonly now: () => number;
  /** Operations of one invocation. */
  readonly budget: number;
}

/** A Durable Object with an outbox, which can be crashed between any two steps. */
export class OutboxObject {
  readonly outbox: Opened["outbox"];
  readonly table: Opened["table"];
  readonly sent: Sent[] = [];
  readonly #drain: OutboxDrain;
  readonly #world: World;
  /** Of the invocation that carries out. */
  #operations = 0;

  constructor(world: World) {
    const { disk, alarm, now, budget } = world;
    this.#world = world;
    ({ outbox: this.outbox, table: this.table } = disk.open());
    this.#drain = new OutboxDrain({
      alarm: { set: (at) => this.#setAlarm(at) },
      now,
      carryOut: () => {
        this.#operations = 0;
        return carryOut(this.outbox, this.#carriers, now, { operations: budget, requests: 45 });
      },
      nextDueAt: (at) => this.outbox.nextDueAt(at),
      pausedUntil: () => this.outbox.pause.until,
    });
    this.#drain.resume(alarm.at);
  }

  /** Begins what a request begins that has committed something. */
  committed(): void {
    this.#drain.committed().catch(() => undefined);
  }

  /** A request that only reads. */
  read(): void {
    this.#drain.ensureAlarm().catch(() => undefined);
  }

  /** The handler of the alarm. */
  readonly onAlarm = (): Promise<void> =>
    this.#drain.ring(async () => {
      this.outbox.note();
    });

  readonly #carriers: Carriers = {
    perform: (effect) => {
      // It was made by `Effects`.
      const numbered = effect as Numbered;
      return this.#send({ effect: numbered }, () =>
        this.#world.effects.begin(numbered, this.#world.now()),
      );
    },
    publish: ({ recordId, record }) =>
      // Written by a schedule.
      this.#publish(recordId, record === null ? null : (JSON.parse(record) as Kept)),
    log: () => undefined,
    yieldToOthers: () => Promise.resolve(),
  };

  #publish(id: string, state: State | null): Promise<void> {
    const { kv, now } = this.#world;
    return this.#send({ id, state }, () => {
      const writes = this.sent.filter((each) => "id" in each);
      check(!writes.some((each) => each.id === id), "one write of a key at a time");
      const isProbe = this.outbox.pause.failures > 0;
      check(!isProbe || writes.length === 0, "after a pause KV is tried with one write");
      kv.checkSent(id, state, now());
    });
  }

  /** The first promise that was broken by what it sent; the outbox takes a throw for a refusal. */
  broken: unknown = null;

  #send(
    what: { effect: Numbered } | { id: string; state: State | null },
    checkIt: () => void,
  ): Promise<void> {
    this.#operations += 1;
    try {
      check(this.#operations <= this.#world.budget, "an invocation has so many operations");
      checkIt();
    } catch (error) {
      this.broken ??= error;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.sent.push({ ...what, resolve, reject });
    return promise;
  }

  #setAlarm(at: number): Promise<void> {
    if (!this.#world.disk.isWritable) return Promise.reject(new Error("No rows may be written"));
    this.#world.alarm.at = at;
    return Promise.resolve();
  }
}
