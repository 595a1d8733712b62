// Classes of Durable Objects that are evaluated when the first object of an isolate is made: the runtime asks
// for every class when the script starts, and most isolates never hold an object.
import { DurableObject } from "cloudflare:workers";

/** A class of Durable Objects, as the runtime makes them. */
type ObjectClass<Made> = new (ctx: DurableObjectState, env: Env) => Made;

type Method = (...given: never[]) => unknown;
/** Names of all public methods: the runtime must find them before the class is loaded. */
type MethodNames<Made> = {
  readonly [
    Name in keyof Made & string as [Made[Name]] extends [never]
      ? never
      : Made[Name] extends Method
        ? Name
        : never
  ]: true;
};

/**
 * Returns a class whose objects pass every call on to an object of the loaded class. The platform delivers no
 * call before that is made.
 */
export function lazyObject<Made extends DurableObject<Env>>(
  load: () => Promise<ObjectClass<Made>>,
  methods: MethodNames<Made>,
): ObjectClass<Made> {
  let Loaded: ObjectClass<Made> | undefined;

  class LazyObject extends DurableObject<Env> {
    made: Made | undefined;

    constructor(ctx: DurableObjectState, env: Env) {
      super(ctx, env);
      if (Loaded === undefined) void ctx.blockConcurrencyWhile(() => this.#make());
      else this.made = new Loaded(ctx, env);
    }

    async #make(): Promise<void> {
      Loaded ??= await load();
      this.made = new Loaded(this.ctx, this.env);
    }
  }

  for (const name of Object.keys(methods)) {
    Object.defineProperty(LazyObject.prototype, name, {
      // As a method of a class is.
      configurable: true,
      writable: true,
      value(this: LazyObject, ...given: never[]): unknown {
        const method: Method = Reflect.get(Object(this.made), name);
        return Reflect.apply(method, this.made, given);
      },
    });
  }
  // It has the methods that were just defined.
  return LazyObject as unknown as ObjectClass<Made>;
}
