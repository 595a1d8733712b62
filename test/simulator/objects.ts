// Calls of Durable Objects as they can end: counted, limited, and failing as the platform lets them fail.
import { runInDurableObject } from "cloudflare:test";
import { hiddenStub, type ObjectBinding, objectNamespaces } from "./bindings";
import type { Faults } from "./faults";
import { type InvocationLimits, objectMethods, takeOne } from "./invocations";
import type { Ledger } from "./ledger";
import type { Method, Patches } from "./patches";
import { OVER_QUOTA, TOO_MANY } from "./platform";

/** A call of an object. */
export interface CallEvent {
  readonly binding: ObjectBinding;
  /** The name of the object, or null where its stub was made by an id without one. */
  readonly name: string | null;
  readonly method: string;
}

/**
 * - `restart`: the object is reset before the call; `retryable`
 * - `reply-lost`: it is reset after the call took effect; `durableObjectReset`
 * - `overloaded`: it has too much to do; `overloaded`, and `retryable` as well: not to be tried at once
 * - `over-quota`: the day's requests are used up; an error without a mark
 *
 * After the first two the stub stays broken: every call through it fails in the same way, until a fresh
 * one is made.
 */
export type CallFault = "restart" | "reply-lost" | "overloaded" | "over-quota";

/** All that the namespaces share. */
export interface ObjectsParts {
  readonly ledger: Ledger;
  readonly limits: InvocationLimits;
  readonly faults: Faults<CallEvent, CallFault>;
}

/** Marks requests of the runtime's own test helpers, which are not counted as calls. */
const TEST_ACTION = "vitestPoolWorkersDurableObjectAction";

/** All namespaces of Durable Objects. */
export class SimulatedObjects {
  /** Calls since the beginning, whatever became of them. */
  readonly calls: CallEvent[] = [];
  readonly #parts: ObjectsParts;
  readonly #methods = objectMethods();

  constructor(parts: ObjectsParts) {
    this.#parts = parts;
  }

  /** Stands in for the stubs of all namespaces. */
  install(patches: Patches): void {
    for (const [binding, namespace] of objectNamespaces()) {
      for (const name of ["get", "getByName"]) {
        patches.replace(namespace, name, (original) => (...args) => {
          const stub = Reflect.apply(original, namespace, args);
          return this.#watch(stub as DurableObjectStub, binding);
        });
      }
    }
  }

  /** Resets an object: what it has in memory is lost, what runs in it fails. */
  async restart(binding: ObjectBinding, id: DurableObjectId): Promise<void> {
    const stub = hiddenStub(binding, id);
    await runInDurableObject(stub, (_, ctx) => ctx.abort("The simulator reset the object.")).catch(
      () => undefined,
    );
  }

  /** The stub itself, so that the runtime's test helpers take it, with methods of its own. */
  #watch(stub: DurableObjectStub, binding: ObjectBinding): DurableObjectStub {
    const caller = new Caller(stub, binding, (...call) => this.#call(...call));
    for (const method of this.#methods) caller.watch(method);
    return stub;
  }

  #call(caller: Caller, event: CallEvent, run: () => unknown): unknown {
    const { ledger, limits, faults } = this.#parts;
    this.calls.push(event);
    if (!takeOne("services", limits)) return this.#refuse(event, new Error(TOO_MANY.services));
    const fault = ledger.isSpent("objectRequests") ? "over-quota" : faults.strike(event);
    if (fault === "over-quota") return this.#refuse(event, new Error(OVER_QUOTA.objectRequests));
    ledger.count(event.binding, "objectRequests");
    if (fault === null) return run();
    if (fault === "overloaded") return this.#refuse(event, overloaded());
    return this.#reset(
      caller,
      event,
      fault === "reply-lost" ? run : () => undefined,
      {
        restart: disconnected(),
        "reply-lost": reset(),
      }[fault],
    );
  }

  async #reset(caller: Caller, event: CallEvent, run: () => unknown, error: Error): Promise<never> {
    caller.broken = error;
    try {
      await run();
    } catch {
      // Nobody hears how it ended.
    }
    await this.restart(event.binding, caller.id);
    return this.#refuse(event, error);
  }

  async #refuse({ binding }: CallEvent, error: Error): Promise<never> {
    this.#parts.ledger.count(binding, "objectsRefused");
    throw error;
  }
}

/** One stub. */
class Caller {
  /** The error that the stub repeats for ever. */
  broken: Error | null = null;
  readonly #stub: DurableObjectStub;
  readonly #binding: ObjectBinding;
  readonly #call: (caller: Caller, event: CallEvent, run: () => unknown) => unknown;

  constructor(
    stub: DurableObjectStub,
    binding: ObjectBinding,
    call: (caller: Caller, event: CallEvent, run: () => unknown) => unknown,
  ) {
    this.#stub = stub;
    this.#binding = binding;
    this.#call = call;
  }

  get id(): DurableObjectId {
    return this.#stub.id;
  }

  /** Gives the stub a method of its own in place of the runtime's. */
  watch(method: string): void {
    const stub = this.#stub;
    const original: Method = Reflect.get(stub, method);
    const event = { binding: this.#binding, name: stub.name ?? stub.id.name ?? null, method };
    const value = (...args: unknown[]): unknown => {
      const run = () => Reflect.apply(original, stub, args);
      if (isTestAction(method, args)) return run();
      return this.broken === null ? this.#call(this, event, run) : Promise.reject(this.broken);
    };
    Object.defineProperty(stub, method, { configurable: true, value });
  }
}

function isTestAction(method: string, [, init]: unknown[]): boolean {
  return method === "fetch" && Reflect.has(Object(Reflect.get(Object(init), "cf")), TEST_ACTION);
}

function disconnected(): Error {
  return Object.assign(new Error("Network connection lost."), { retryable: true });
}

function reset(): Error {
  const text = "Durable Object reset because its code was updated.";
  return Object.assign(new Error(text), { durableObjectReset: true });
}

function overloaded(): Error {
  const text = "Durable Object is overloaded. Requests queued for too long.";
  return Object.assign(new Error(text), { overloaded: true, retryable: true });
}
