// Invocations: a request to the Worker, a call of an object or an entrypoint, an alarm. What a call
// awaits, its `waitUntil` included, belongs to it; what it calls in another object does not, because
// the runtime carries no asynchronous context across. Calls of an `RpcTarget` belong to the invocation that has
// returned it. What a test does itself belongs to none.
import { AsyncLocalStorage } from "node:async_hooks";
import { DurableObject, RpcTarget, WorkerEntrypoint } from "cloudflare:workers";
import { OutboxDrain } from "../../src/domain/records/outbox-drain";
import * as main from "../../src/worker";
import type { Method, Patches } from "./patches";

interface Invocation {
  /** The object, entrypoint or Worker that runs. */
  readonly of: unknown;
  readonly taken: { outgoing: number; services: number };
}

/** Requests that an invocation may send to the Internet, and to KV and objects. */
export type InvocationLimits = Readonly<Invocation["taken"]>;

const running = new AsyncLocalStorage<Invocation>();

/** The invocations that have returned these targets. */
const returned = new WeakMap<object, Invocation>();

/** Takes one of what the running invocation may send. False when all is taken; true outside of any. */
export function takeOne(what: keyof InvocationLimits, limits: InvocationLimits): boolean {
  const taken = running.getStore()?.taken;
  if (taken === undefined) return true;
  taken[what] += 1;
  return taken[what] <= limits[what];
}

/** Is told of what happens. */
export interface Watcher {
  /** The Worker was sent a request. */
  readonly onRequest: () => void;
  /** An object is used, perhaps for the first time. */
  readonly onObject: (ctx: DurableObjectState) => void;
  /** An object began what it does not await. */
  readonly onBackground: (task: Promise<unknown>, ctx: DurableObjectState) => void;
}

/** Starts an invocation with every call of what the Worker's script exports. */
export function watchInvocations(patches: Patches, watcher: Watcher): void {
  patches.replace(main.default, "fetch", (original) =>
    inInvocation(patches, original, () => watcher.onRequest()),
  );
  for (const exported of Object.values<object>({ ...main })) {
    const prototype: unknown = Reflect.get(exported, "prototype");
    if (prototype instanceof DurableObject) watchObjects(patches, exported, watcher);
    else if (prototype instanceof WorkerEntrypoint)
      watchMethods(patches, prototype, () => undefined);
  }
  // A table drains its outbox without `waitUntil`, which objects need not call.
  patches.replace(OutboxDrain.prototype, "committed", (original) => {
    return function committed(this: unknown, ...args) {
      const task: unknown = Reflect.apply(original, this, args);
      const ctx: unknown = Reflect.get(Object(running.getStore()?.of), "ctx");
      // Only an object has a context.
      if (ctx !== undefined && task instanceof Promise)
        watcher.onBackground(task, ctx as DurableObjectState);
      return task;
    };
  });
}

/** Names of the methods of all exported classes of objects, `fetch` included. */
export function objectMethods(): Set<string> {
  const prototypes = Object.values<object>({ ...main }).map((it) => Reflect.get(it, "prototype"));
  const methods = prototypes
    .filter((prototype) => prototype instanceof DurableObject)
    .flatMap((prototype) => methodsOf(prototype));
  return new Set([...methods, "fetch"]);
}

function watchObjects(patches: Patches, exported: object, { onObject }: Watcher): void {
  watchMethods(patches, Reflect.get(exported, "prototype"), (object) =>
    onObject(Reflect.get(Object(object), "ctx")),
  );
  // `super` looks up the prototype of the class: so its constructor can be watched from between.
  const base: typeof DurableObject<Env> = Object.getPrototypeOf(exported);
  class Watched extends base {
    constructor(ctx: DurableObjectState, env: Env) {
      onObject(ctx);
      super(ctx, env);
    }
  }
  Object.setPrototypeOf(exported, Watched);
  patches.undo(() => Object.setPrototypeOf(exported, base));
}

function watchMethods(patches: Patches, prototype: object, entered: (of: unknown) => void): void {
  for (const name of methodsOf(prototype)) {
    patches.replace(prototype, name, (original) => inInvocation(patches, original, entered));
  }
}

function methodsOf(prototype: object): string[] {
  const methods = Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => name !== "constructor" && typeof value === "function")
    .map(([name]) => name);
  const parent: object | null = Object.getPrototypeOf(prototype);
  const isOurs = parent !== null && parent instanceof DurableObject;
  return isOurs ? [...methods, ...methodsOf(parent)] : methods;
}

function inInvocation(patches: Patches, original: Method, entered: (of: unknown) => void): Method {
  return function watched(this: unknown, ...args) {
    // A method that calls another one of its own object.
    if (running.getStore()?.of === this) return Reflect.apply(original, this, args);
    entered(this);
    const invocation = { of: this, taken: { outgoing: 0, services: 0 } };
    const result = running.run(invocation, () => Reflect.apply(original, this, args));
    if (result instanceof RpcTarget) watchTarget(patches, result, invocation);
    return result;
  };
}

/** Has the calls of a target belong to the invocation that returns it. */
function watchTarget(patches: Patches, target: RpcTarget, invocation: Invocation): void {
  returned.set(target, invocation);
  const prototype: object = Object.getPrototypeOf(target);
  if (patches.has(prototype)) return;
  for (const name of methodsOf(prototype)) {
    patches.replace(
      prototype,
      name,
      (original) =>
        function called(this: unknown, ...args) {
          const of = returned.get(Object(this));
          const run = () => Reflect.apply(original, this, args);
          return of === undefined ? run() : running.run(of, run);
        },
    );
  }
}
