// The storage of all objects: rows are counted, writes are refused or end in a crash, and alarms ring for
// the simulated clock alone. Only what an object does through `storage` is seen, not through the
// argument of `storage.transaction`.
import { runInDurableObject } from "cloudflare:test";
import { bindingOf, hiddenStub, type ObjectBinding } from "./bindings";
import type { Faults } from "./faults";
import type { Ledger } from "./ledger";
import type { Method, Patches } from "./patches";
import { OVER_QUOTA } from "./platform";

/** A write to an object's storage. A statement that may write counts as one, even if it changes no row. */
export interface WriteEvent {
  readonly binding: ObjectBinding;
  /** The name of the object, or null. */
  readonly name: string | null;
  readonly operation: "exec" | "put" | "delete" | "deleteAll" | "setAlarm";
}

/**
 * `refused`: the write throws, as over the quota of rows, while reads go on. `crash`: the object is
 * reset before the write, and what it wrote since its last `await` is lost with its memory.
 */
export type WriteFault = "refused" | "crash";

/** An object that uses its storage. */
interface Owner {
  readonly binding: ObjectBinding;
  readonly ctx: DurableObjectState;
}

/** All alarms are set so much later, so that none rings by itself. The runtime takes none after 2189. */
const ALARM_OFFSET_MS = 100 * 365 * 24 * 60 * 60_000;

/** All that the storage tells and asks. */
export interface StorageParts {
  readonly patches: Patches;
  readonly ledger: Ledger;
  readonly faults: Faults<WriteEvent, WriteFault>;
  /** Is told of every alarm that is set, or with null deleted. It may be rolled back later. */
  readonly onAlarm: (binding: ObjectBinding, id: DurableObjectId, at: number | null) => void;
}

/** The storage of all objects of this isolate. */
export class SimulatedStorage {
  readonly #parts: StorageParts;
  /** By `ctx.storage`, its `sql` and its `kv`: each is one object for as long as its object lives. */
  readonly #owners = new WeakMap<object, Owner>();
  /** By id: objects that ever ran. */
  readonly #used = new Map<string, { binding: ObjectBinding; id: DurableObjectId }>();
  #setAlarm: Method | null = null;
  /** Tasks that nobody awaits and that have not ended, with whose they are. */
  readonly #background = new Map<Promise<unknown>, DurableObjectState>();

  constructor(parts: StorageParts) {
    this.#parts = parts;
  }

  /** Tasks that nobody awaits and that have not ended. */
  get backgroundTasks(): number {
    return this.#background.size;
  }

  /** Watches an object from now on. */
  watch(ctx: DurableObjectState): void {
    const { storage } = ctx;
    if (this.#owners.has(storage)) return;
    const owner = { binding: this.#used.get(String(ctx.id))?.binding ?? bindingOf(ctx.id), ctx };
    this.#used.set(String(ctx.id), { binding: owner.binding, id: ctx.id });
    for (const part of [storage, storage.sql, storage.kv]) this.#owners.set(part, owner);
    this.#watchBackground(ctx);
    // The runtime's classes are known by their objects alone.
    if (this.#setAlarm === null) this.#patch(storage);
  }

  /** Counts what is left to `waitUntil`, until it ends or the object is reset: then it never ends. */
  #watchBackground(ctx: DurableObjectState): void {
    const [waitUntil, abort] = [ctx.waitUntil.bind(ctx), ctx.abort.bind(ctx)];
    ctx.waitUntil = (task) => {
      this.addBackground(task, ctx);
      return waitUntil(task);
    };
    ctx.abort = (reason) => {
      for (const [task, owner] of this.#background)
        if (owner === ctx) this.#background.delete(task);
      return abort(reason);
    };
  }

  /** Counts a task of an object that nobody awaits. */
  addBackground(task: Promise<unknown>, ctx: DurableObjectState): void {
    this.#background.set(task, ctx);
    const ended = () => this.#background.delete(task);
    task.then(ended, ended);
  }

  /** Sets an alarm as the platform does by itself: uncounted, and whatever the quota. */
  async setAlarm({ storage }: DurableObjectState, at: number): Promise<void> {
    await this.#setAlarm?.call(storage, at + ALARM_OFFSET_MS);
  }

  /** Starts all objects that ever ran. The runtime's own `reset` forgets those that do not run. */
  async wakeAll(): Promise<void> {
    const wake = ({ binding, id }: { binding: ObjectBinding; id: DurableObjectId }) =>
      runInDurableObject(hiddenStub(binding, id), () => undefined).catch(() => undefined);
    await Promise.all([...this.#used.values()].map(wake));
  }

  #patch(storage: DurableObjectStorage): void {
    const prototypeOf = (part: object): object => Object.getPrototypeOf(part);
    this.#patchAlarms(prototypeOf(storage));
    this.#patchKeys(prototypeOf(storage));
    this.#patchKeys(prototypeOf(storage.kv));
    this.#around(prototypeOf(storage.sql), "exec", (owner, run, args) => {
      if (mayWrite(String(args[0]))) this.#write(owner, "exec", 0);
      const cursor = run(...args);
      this.#parts.ledger.countRows(owner.binding, cursor as SqlStorageCursor<never>);
      return cursor;
    });
  }

  #patchAlarms(prototype: object): void {
    const { patches, onAlarm } = this.#parts;
    this.#setAlarm = Reflect.get(prototype, "setAlarm");
    patches.undo(() => (this.#setAlarm = null));
    this.#around(prototype, "setAlarm", (owner, run, [time]) => {
      this.#write(owner, "setAlarm", 1);
      onAlarm(owner.binding, owner.ctx.id, Number(time));
      return run(Number(time) + ALARM_OFFSET_MS);
    });
    this.#around(prototype, "getAlarm", async (_, run) => {
      const at = await run();
      return typeof at === "number" ? at - ALARM_OFFSET_MS : at;
    });
    this.#around(prototype, "deleteAlarm", ({ binding, ctx }, run) => {
      onAlarm(binding, ctx.id, null);
      return run();
    });
    this.#around(prototype, "deleteAll", (owner, run, args) => {
      this.#write(owner, "deleteAll", 0);
      onAlarm(owner.binding, owner.ctx.id, null);
      return run(...args);
    });
  }

  #patchKeys(prototype: object): void {
    this.#around(prototype, "get", ({ binding }, run, args) => {
      this.#parts.ledger.count(binding, "rowsRead", keysIn(args[0]));
      return run(...args);
    });
    for (const name of ["put", "delete"] as const) {
      this.#around(prototype, name, (owner, run, args) => {
        this.#write(owner, name, keysIn(args[0]));
        return run(...args);
      });
    }
  }

  /** Runs a method of the storage of watched objects through `carryOut`. */
  #around(
    prototype: object,
    name: string,
    carryOut: (owner: Owner, run: (...args: unknown[]) => unknown, args: unknown[]) => unknown,
  ): void {
    const owners = this.#owners;
    this.#parts.patches.replace(
      prototype,
      name,
      (original) =>
        function around(this: unknown, ...args) {
          const owner = owners.get(Object(this));
          const run = (...given: unknown[]) => Reflect.apply(original, this, given);
          if (owner === undefined) return run(...args);
          // All methods of the storage itself are asynchronous, those of its `sql` and `kv` are not.
          return this === owner.ctx.storage
            ? (async () => carryOut(owner, run, args))()
            : carryOut(owner, run, args);
        },
    );
  }

  #write({ binding, ctx }: Owner, operation: WriteEvent["operation"], rows: number): void {
    const { ledger, faults } = this.#parts;
    const fault = faults.strike({ binding, name: ctx.id.name ?? null, operation });
    if (fault === "crash") ctx.abort("The simulator reset the object.");
    if (fault !== null || ledger.isSpent("rowsWritten")) {
      ledger.count(binding, "writesRefused");
      throw new Error(OVER_QUOTA.rowsWritten);
    }
    ledger.count(binding, "rowsWritten", rows);
  }
}

/** Keys of a call of `get`, `put` or `delete`: one, a list of them, or an object of entries. */
function keysIn(argument: unknown): number {
  return typeof argument === "object" ? Object.keys(Object(argument)).length : 1;
}

/** True for statements that write, and for those that create only what is not there. */
function mayWrite(sql: string): boolean {
  return sql.split(";").some((statement) => {
    const text = statement.replaceAll(/--.*$/gm, "").trimStart();
    return /^(insert|update|delete|replace|create|drop|alter)\b/i.test(text) || isWritingWith(text);
  });
}

function isWritingWith(text: string): boolean {
  return (
    /^with\b/i.test(text) &&
    /\b(insert|replace)\s+into\b|\bupdate\b.*\bset\b|\bdelete\s+from\b/is.test(text)
  );
}
