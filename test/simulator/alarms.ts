// Alarms ring when the simulated clock says so, in order of time. A handler that throws is repeated after
// 2, 4, 8, 16, 32 and 64 s; then its alarm is gone, as on the platform.
import { runInDurableObject } from "cloudflare:test";
import { hiddenStub, type ObjectBinding } from "./bindings";
import type { Clock } from "./clock";
import type { Ledger } from "./ledger";
import { ALARM_RETRIES, FIRST_ALARM_RETRY_MS, OVER_QUOTA } from "./platform";
import type { SimulatedStorage } from "./storage";

interface Alarm {
  readonly binding: ObjectBinding;
  readonly id: DurableObjectId;
  /** Its time, or Infinity where none is set. Unless `isRead`, it may be later, or none. */
  at: number;
  /** False once the object has changed it: what it did may still be rolled back. */
  isRead: boolean;
  retryCount: number;
}

/** All that alarms need. */
export interface AlarmsParts {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly storage: SimulatedStorage;
  /** Waits for what the handler left to `waitUntil`. */
  readonly settle: () => Promise<void>;
  /** More rings than these at a time mean that alarms set each other for ever. */
  readonly maxRings: number;
}

/** Alarms of all objects. */
export class SimulatedAlarms {
  readonly #parts: AlarmsParts;
  readonly #alarms = new Map<string, Alarm>();

  constructor(parts: AlarmsParts) {
    this.#parts = parts;
  }

  /** Notes that an object has set its alarm, or with null deleted it. */
  note(binding: ObjectBinding, id: DurableObjectId, at: number | null): void {
    const known = this.#alarms.get(id.toString());
    const alarm = known ?? { binding, id, at: Infinity, isRead: false, retryCount: 0 };
    if (at !== null) alarm.at = Math.min(alarm.at, at);
    alarm.isRead = false;
    this.#alarms.set(id.toString(), alarm);
  }

  /** The time of the next alarm of these bindings (none given: of all), or null. */
  async next(bindings: readonly ObjectBinding[]): Promise<number | null> {
    return (await this.#next(bindings))?.at ?? null;
  }

  /**
   * Rings alarms until none is due by `until`. The clock moves on with them. Returns how many rang.
   */
  async ringUntil(until: number, bindings: readonly ObjectBinding[]): Promise<number> {
    const { clock, maxRings } = this.#parts;
    for (let rings = 0; rings <= maxRings; rings += 1) {
      const alarm = await this.#next(bindings);
      if (alarm === null || alarm.at > until) return rings;
      clock.moveTo(Math.max(alarm.at, Date.now()));
      await this.#ring(alarm);
    }
    throw new Error(`Alarms do not come to rest: more than ${maxRings} rang.`);
  }

  async #next(bindings: readonly ObjectBinding[]): Promise<Alarm | null> {
    for (;;) {
      const first = [...this.#alarms.values()]
        .filter(({ binding }) => bindings.length === 0 || bindings.includes(binding))
        .reduce<Alarm | null>((a, b) => (a === null || b.at < a.at ? b : a), null);
      if (first === null || first.at === Infinity) return null;
      if (first.isRead) return first;
      await this.#refresh(first);
    }
  }

  async #ring(alarm: Alarm): Promise<void> {
    const { ledger, settle } = this.#parts;
    const { binding, retryCount, at } = alarm;
    // An alarm that is set from here on is a new one.
    alarm.at = Infinity;
    ledger.count(binding, "alarms");
    try {
      await this.#run(alarm, at);
      alarm.retryCount = 0;
    } catch (error) {
      console.error("An alarm failed", binding, retryCount, error);
      ledger.count(binding, "alarmsFailed");
      await this.#retry(alarm);
    }
    await settle();
  }

  #run(alarm: Alarm, scheduledTime: number): Promise<void> {
    const { ledger } = this.#parts;
    const { binding, id, retryCount } = alarm;
    const info = { retryCount, isRetry: retryCount > 0, scheduledTime };
    return runInDurableObject(hiddenStub(binding, id), async (object: DurableObject, ctx) => {
      await ctx.storage.deleteAlarm();
      if (ledger.isSpent("objectRequests")) throw new Error(OVER_QUOTA.objectRequests);
      await object.alarm?.(info);
      await read(alarm, ctx.storage);
    });
  }

  /** Sets an alarm again after a failure, unless its handler has set one or has failed too often. */
  async #retry(alarm: Alarm): Promise<void> {
    const { ledger, storage } = this.#parts;
    const { binding, id, retryCount } = alarm;
    alarm.retryCount = 0;
    await this.#refresh(alarm);
    if (alarm.at !== Infinity) return;
    if (retryCount >= ALARM_RETRIES) return ledger.count(binding, "alarmsDropped");
    const at = Date.now() + FIRST_ALARM_RETRY_MS * 2 ** retryCount;
    Object.assign(alarm, { at, retryCount: retryCount + 1 });
    await whateverItsState(binding, id, (ctx) => storage.setAlarm(ctx, at));
  }

  /** Reads when the alarm really rings. */
  async #refresh(alarm: Alarm): Promise<void> {
    alarm.isRead = true;
    await whateverItsState(alarm.binding, alarm.id, ({ storage }) => read(alarm, storage));
  }
}

async function read(alarm: Alarm, storage: DurableObjectStorage): Promise<void> {
  alarm.isRead = true;
  const at = await storage.getAlarm();
  // Unless it was changed meanwhile.
  if (alarm.isRead) alarm.at = at ?? Infinity;
}

/** An object whose constructor throws keeps its alarm as it is. */
async function whateverItsState(
  binding: ObjectBinding,
  id: DurableObjectId,
  act: (ctx: DurableObjectState) => Promise<void>,
): Promise<void> {
  const stub = hiddenStub(binding, id);
  await runInDurableObject(stub, (_, ctx) => act(ctx)).catch(() => undefined);
}
