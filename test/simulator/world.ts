// The parts of the simulator put together: what a test holds in its hands.
import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { SimulatedAlarms } from "./alarms";
import { kvNamespaces, type KvBinding, type ObjectBinding, type Objects } from "./bindings";
import { Clock, tomorrow } from "./clock";
import { type Fault, Faults, type Ordered } from "./faults";
import { type Answer, SimulatedFetch } from "./fetch";
import { type InvocationLimits, watchInvocations } from "./invocations";
import { type KvConditions, type KvEvent, type KvFault, REAL_KV, SimulatedKv } from "./kv";
import type { Entry } from "./kv-store";
import { type Counts, FREE_PLAN, Ledger, type Quotas } from "./ledger";
import { type CallEvent, type CallFault, SimulatedObjects } from "./objects";
import { Patches } from "./patches";
import { FREE_INVOCATION } from "./platform";
import { SimulatedStorage, type WriteEvent, type WriteFault } from "./storage";

/** Deviations from the free plan. */
export interface Conditions {
  /** The time at the beginning. Six in the morning of the next day, UTC, unless given. */
  readonly now?: Date | number;
  readonly kv?: Partial<KvConditions>;
  readonly perDay?: Partial<Quotas>;
  readonly perInvocation?: Partial<InvocationLimits>;
  /** More rings than these at a time mean that alarms set each other for ever. */
  readonly maxRings?: number;
}

const MAX_RINGS = 5000;

/** For a machine that is busy with something else. */
const BACKGROUND_TIMEOUT_MS = 50_000;

/** The simulated platform. */
export class World {
  readonly #patches = new Patches();
  readonly #clock: Clock;
  readonly #ledger: Ledger;
  readonly #kvFaults = new Faults<KvEvent, KvFault>();
  readonly #callFaults = new Faults<CallEvent, CallFault>();
  readonly #writeFaults = new Faults<WriteEvent, WriteFault>();
  readonly #namespaces = new Map<KvBinding, SimulatedKv>();
  readonly #storage: SimulatedStorage;
  readonly #objects: SimulatedObjects;
  readonly #alarms: SimulatedAlarms;
  readonly #fetch: SimulatedFetch;

  constructor(conditions: Conditions) {
    const { now = tomorrow(), kv, perDay, perInvocation, maxRings = MAX_RINGS } = conditions;
    const ledger = new Ledger({ ...FREE_PLAN, ...perDay });
    const limits = { ...FREE_INVOCATION, ...perInvocation };
    const patches = this.#patches;
    this.#ledger = ledger;
    this.#clock = new Clock(Number(now));
    patches.undo(() => this.#clock.restore());
    this.#storage = new SimulatedStorage({
      patches,
      ledger,
      faults: this.#writeFaults,
      onAlarm: (binding, id, at) => this.#alarms.note(binding, id, at),
    });
    this.#alarms = new SimulatedAlarms({
      clock: this.#clock,
      ledger,
      storage: this.#storage,
      settle: () => this.settled(),
      maxRings,
    });
    this.#objects = new SimulatedObjects({ ledger, limits, faults: this.#callFaults });
    this.#objects.install(patches);
    this.#fetch = new SimulatedFetch(limits, ledger);
    patches.replace(
      globalThis,
      "fetch",
      () => (input, init) =>
        // As `fetch` is called: it checks its arguments itself.
        this.#fetch.fetch(input as RequestInfo, init as RequestInit | undefined),
    );
    this.#installKv({ ...REAL_KV, ...kv }, limits);
    watchInvocations(patches, {
      onRequest: () => ledger.count("worker", "workerRequests"),
      onObject: (ctx) => this.#storage.watch(ctx),
      onBackground: (task, ctx) => this.#storage.addBackground(task, ctx),
    });
  }

  /** KV. */
  readonly kv = {
    /** Lets operations fail: of a `binding`, an `operation`, a `key`. */
    fail: (fault: Ordered<KvEvent, KvFault>): Fault => this.#kvFaults.fail(fault),
    /** All that a namespace will show once nothing is on its way: the truth, free of charge. */
    published: (binding: KvBinding): ReadonlyMap<string, Entry> =>
      this.#kvOf(binding).store.published(Date.now()),
    /** Puts in what has been there for long, free of charge. */
    seed: (
      binding: KvBinding,
      entries: Iterable<[key: string, value: string, metadata?: unknown]>,
    ) => {
      for (const [key, value, metadata = null] of entries) {
        this.#kvOf(binding).store.write(key, { value, metadata, expiresAt: null }, 0, 0);
      }
    },
  };

  /** Durable Objects. */
  readonly objects = {
    /** Lets calls fail: of a `binding`, of the object of this `name`, of a `method`. */
    fail: (fault: Ordered<CallEvent, CallFault>): Fault => this.#callFaults.fail(fault),
    /** Resets an object between two calls: what it has in memory is lost, what runs in it fails. */
    restart: (binding: ObjectBinding, name: string): Promise<void> => {
      const namespace: Objects = env[binding];
      return this.#objects.restart(binding, namespace.idFromName(name));
    },
    /** Calls so far, the refused ones included. */
    calls: (): readonly CallEvent[] => this.#objects.calls,
  };

  /** Storage of Durable Objects. */
  readonly storage = {
    /** Lets writes fail: of a `binding`, of the object of this `name`, of an `operation`. */
    fail: (fault: Ordered<WriteEvent, WriteFault>): Fault => this.#writeFaults.fail(fault),
  };

  /** Answers all outgoing requests from now on. Before the first call nothing can be reached. */
  answer(answer: Answer): void {
    this.#fetch.answer(answer);
  }

  /** The next 00:00 UTC, in milliseconds since 1970. */
  get midnight(): number {
    return this.#clock.midnight;
  }

  /** Moves the clock on. No alarm rings. */
  advance(ms: number): void {
    this.#clock.moveTo(Date.now() + ms);
  }

  /** Moves the clock to 00:00 UTC, when the quotas begin anew. No alarm rings. */
  jumpToMidnight(): void {
    this.#clock.moveTo(this.midnight);
  }

  /** Lets time pass, and every alarm ring at its time. Returns how many rang. */
  async elapse(ms: number): Promise<number> {
    const until = Date.now() + ms;
    const rings = await this.#alarms.ringUntil(until, []);
    this.#clock.moveTo(until);
    return rings;
  }

  /**
   * Rings the alarms of these bindings (none given: of all) that are due, in order of time, and those
   * that they set for now, until none is left. Returns how many rang.
   */
  runAlarms(...bindings: ObjectBinding[]): Promise<number> {
    return this.#alarms.ringUntil(Date.now(), bindings);
  }

  /** The instant of the next alarm, in milliseconds since 1970 UTC, or null. */
  nextAlarm(...bindings: ObjectBinding[]): Promise<number | null> {
    return this.#alarms.next(bindings);
  }

  /** Waits for all that was begun and not awaited. */
  async settled(): Promise<void> {
    const until = performance.now() + BACKGROUND_TIMEOUT_MS;
    // Not by Vitest's own means of waiting, which move the faked clock on.
    while (this.#storage.backgroundTasks > 0 && performance.now() < until) {
      await scheduler.wait(1);
    }
    if (this.#storage.backgroundTasks > 0)
      throw new Error("Background work has not ended in time.");
  }

  /** Operations since the last `resetCounts`, of one binding or of all. Refused ones stand apart. */
  counts(binding?: KvBinding | ObjectBinding): Counts {
    return this.#ledger.read(binding);
  }

  /** Begins to count at nothing. What was used of the day stays used. */
  resetCounts(): void {
    this.#ledger.reset();
  }

  /** Uses up a quota of this day. */
  spend(quota: keyof Quotas): void {
    this.#ledger.spend(quota);
  }

  /** Puts the local platform back. What objects have stored stays there. */
  restore(): void {
    this.#patches.restore();
  }

  /** Puts the local platform back, with nothing stored. */
  async end(): Promise<void> {
    this.restore();
    await this.#storage.wakeAll();
    await reset();
  }

  #installKv(conditions: KvConditions, limits: InvocationLimits): void {
    for (const [binding, namespace] of kvNamespaces()) {
      const parts = { conditions, limits, ledger: this.#ledger, faults: this.#kvFaults };
      const simulated = new SimulatedKv(binding, parts);
      this.#namespaces.set(binding, simulated);
      for (const name of ["get", "getWithMetadata", "put", "delete", "list"] as const) {
        this.#patches.replace(
          namespace,
          name,
          () =>
            (...args) =>
              Reflect.apply(simulated[name], simulated, args),
        );
      }
    }
  }

  #kvOf(binding: KvBinding): SimulatedKv {
    const namespace = this.#namespaces.get(binding);
    if (namespace === undefined) throw new Error(`There is no KV binding ${binding}.`);
    return namespace;
  }
}
