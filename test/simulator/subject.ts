// An object for the simulator's own tests: a class of the Worker with methods that do little.
import { env } from "cloudflare:workers";
import { onTestFinished, vi } from "vitest";
import { Job } from "../../src/worker";

/** The methods of the object. */
export interface Subject {
  /** Keeps a text, and its number in memory. Returns the texts kept. */
  keep(text: string): Promise<string[]>;
  /** Keeps a text in a transaction with an alarm. */
  keepUntil(text: string, at: number): Promise<void>;
  kept(): Promise<string[]>;
  /** Calls of `keep` since the object was started. */
  remembered(): Promise<number>;
  /** Sends so many requests one after the other. Returns how many were answered. */
  send(requests: number): Promise<number>;
  /** The time of its alarm. */
  alarmAt(): Promise<number | null>;
}

type Self = Job & { ctx: DurableObjectState; count?: number };

function table({ ctx }: Self): SqlStorage {
  const { sql } = ctx.storage;
  const found = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'kept'").toArray();
  if (found.length === 0) sql.exec("CREATE TABLE kept (text TEXT)");
  return sql;
}

function textsOf(self: Self): string[] {
  const rows = table(self).exec<{ text: string }>("SELECT text FROM kept").toArray();
  return rows.map(({ text }) => text);
}

const METHODS = {
  async keep(this: Self, text: string) {
    this.count = (this.count ?? 0) + 1;
    table(this).exec("INSERT INTO kept VALUES (?)", text);
    return textsOf(this);
  },
  async keepUntil(this: Self, text: string, at: number) {
    const { storage } = this.ctx;
    const alarm = storage.transactionSync(() => {
      table(this).exec("INSERT INTO kept VALUES (?)", text);
      return storage.setAlarm(at);
    });
    await alarm;
  },
  async kept(this: Self) {
    return textsOf(this);
  },
  async remembered(this: Self) {
    return this.count ?? 0;
  },
  async send(this: Self, requests: number) {
    let answered = 0;
    for (; answered < requests; answered += 1) {
      const response = await fetch("https://up.example/").catch(() => null);
      if (response === null) break;
    }
    return answered;
  },
  async alarmAt(this: Self) {
    return this.ctx.storage.getAlarm();
  },
};

/** Gives the class the methods for one test, and an alarm that does what it is told. Before `simulate`. */
export function installSubject(
  alarm: (ctx: DurableObjectState, info?: AlarmInvocationInfo) => unknown,
) {
  Object.assign(Job.prototype, METHODS);
  onTestFinished(() => {
    for (const name of Object.keys(METHODS)) Reflect.deleteProperty(Job.prototype, name);
  });
  vi.spyOn(Job.prototype, "alarm").mockImplementation(async function ring(
    this: unknown,
    ...info: unknown[]
  ) {
    await alarm((this as Self).ctx, info[0] as AlarmInvocationInfo);
  });
}

/** A fresh stub of the object of this name. */
export function subject(name: string): Subject {
  const stub: object = env.JOBS.getByName(name);
  return stub as Subject;
}
