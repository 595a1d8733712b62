// Counts billable operations: the runtime's own classes are tapped, so that what Durable Objects do with
// their bindings and storage is seen as well as what the Worker does.
import { env } from "cloudflare:workers";
import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { NOTHING, type Operations } from "../../bench/cost-table";
import { Job } from "../../src/durable-objects/job";
import { Table } from "../../src/durable-objects/table";

type Counts = { -readonly [Name in keyof Operations]: number };
type Cursor = { readonly rowsRead: number; readonly rowsWritten: number };

const counts: Counts = { ...NOTHING };
/** Rows are counted while a cursor is read, so they are summed up at the end. */
const cursors: Cursor[] = [];
let backgroundTasks = 0;
/** For a machine that is busy with something else. */
const BACKGROUND_TIMEOUT_MS = 20_000;
/** Later than any test ends. */
const NEVER_MS = 365 * 24 * 60 * 60_000;
/** Later than anything is kept. */
const ALL_EXPIRED_MS = 60 * 24 * 60 * 60_000;

const KV_OPERATIONS = {
  get: "kvReads",
  getWithMetadata: "kvReads",
  put: "kvWrites",
  delete: "kvDeletes",
  list: "kvLists",
} as const;

/**
 * Taps KV, Durable Objects, their storage and alarms, for the rest of the file. Deleting an alarm or all
 * of an object's data has no price that the platform tells, and is not counted.
 */
export async function installMeter(): Promise<void> {
  const kv: object = Object.getPrototypeOf(env.USERS);
  for (const [method, name] of Object.entries(KV_OPERATIONS))
    tap(kv, method, () => (counts[name] += 1));
  for (const { prototype } of [Job, Table]) {
    tap(prototype, "alarm", () => (counts.alarms += 1));
  }
  await runInDurableObject(env.JOBS.getByName("meter"), (_, ctx) => tapStorage(ctx));
  replace(Object.getPrototypeOf(env.JOBS), "getByName", (stub) => countCalls(Object(stub)));
}

function tapStorage(ctx: DurableObjectState): void {
  const { storage } = ctx;
  delayAlarms(Object.getPrototypeOf(storage));
  tap(Object.getPrototypeOf(storage.kv), "get", () => (counts.rowsRead += 1));
  tap(Object.getPrototypeOf(storage.kv), "put", () => (counts.rowsWritten += 1));
  tap(Object.getPrototypeOf(storage.kv), "delete", () => (counts.rowsWritten += 1));
  // `exec` returns nothing but cursors.
  tap(Object.getPrototypeOf(storage.sql), "exec", (cursor) => cursors.push(cursor as Cursor));
  tap(Object.getPrototypeOf(ctx), "waitUntil", (_, [task]) => {
    backgroundTasks += 1;
    void Promise.resolve(task).finally(() => (backgroundTasks -= 1));
  });
}

/** Alarms are counted when they are set, and ring in `expireAll` alone: on a slow machine some would ring early. */
function delayAlarms(prototype: DurableObjectStorage): void {
  const setAlarm: DurableObjectStorage["setAlarm"] = Reflect.get(prototype, "setAlarm");
  prototype.setAlarm = function setLateAlarm(this: DurableObjectStorage) {
    counts.rowsWritten += 1;
    return setAlarm.call(this, Date.now() + NEVER_MS);
  };
}

/** Runs a method of all objects of a class through `change`, which is given its result. */
function replace(
  prototype: object,
  method: string,
  change: (result: unknown, args: unknown[]) => unknown,
): void {
  const original: unknown = Reflect.get(prototype, method);
  if (typeof original !== "function") throw new TypeError(`There is no method ${method}`);
  Object.defineProperty(prototype, method, {
    configurable: true,
    writable: true,
    value: function tapped(this: unknown, ...args: unknown[]) {
      return change(Reflect.apply(original, this, args), args);
    },
  });
}

function tap(
  prototype: object,
  method: string,
  note: (result: unknown, args: unknown[]) => void,
): void {
  replace(prototype, method, (result, args) => {
    note(result, args);
    return result;
  });
}

/** A stub each of whose methods counts as a request. */
function countCalls(stub: object): object {
  return new Proxy(stub, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return (...args: unknown[]): unknown => {
        counts.objectRequests += 1;
        return Reflect.apply(member, target, args);
      };
    },
  });
}

/** What `run` and its background work use. `upstream` answers every outgoing request. */
export async function measure(
  run: () => Promise<unknown>,
  upstream: (url: URL) => Response,
): Promise<Operations> {
  Object.assign(counts, NOTHING);
  cursors.length = 0;
  const fetches = vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    counts.outgoing += 1;
    return upstream(new URL(input instanceof Request ? input.url : input));
  });
  try {
    await run();
    await vi.waitUntil(() => backgroundTasks === 0, { timeout: BACKGROUND_TIMEOUT_MS });
    const sum = (name: keyof Cursor) => cursors.reduce((total, cursor) => total + cursor[name], 0);
    const rowsRead = counts.rowsRead + sum("rowsRead");
    return { ...counts, rowsRead, rowsWritten: counts.rowsWritten + sum("rowsWritten") };
  } finally {
    fetches.mockRestore();
  }
}

/** Counts one call of the Worker. */
export function countRequest(): void {
  counts.workerRequests += 1;
}

/** Rings the alarms that are left of jobs and keys, as when all they keep has expired. */
export async function expireAll(): Promise<void> {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ALL_EXPIRED_MS });
  try {
    await ringAll(env.JOBS);
    await ringAll(env.TABLES);
  } finally {
    vi.useRealTimers();
  }
}

async function ringAll<T extends Rpc.DurableObjectBranded>(
  namespace: DurableObjectNamespace<T>,
): Promise<void> {
  for (const id of await listDurableObjectIds(namespace)) {
    await runDurableObjectAlarm(namespace.get(id));
  }
}
