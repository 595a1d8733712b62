// Methods of the runtime that are replaced for a while.

/** A method whose types the runtime alone knows. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Replaced methods, each put back by `restore`, the last one first. */
export class Patches {
  readonly #undo: (() => void)[] = [];
  readonly #targets = new Set<object>();

  /** Replaces a method, own or inherited. `make` is given the one that stood there. */
  replace(target: object, name: string, make: (original: Method) => Method): void {
    const original: unknown = Reflect.get(target, name);
    if (typeof original !== "function") throw new TypeError(`There is no method ${name}.`);
    this.#targets.add(target);
    const own = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, {
      configurable: true,
      writable: true,
      value: make(original as Method),
    });
    this.undo(() => {
      if (own === undefined) Reflect.deleteProperty(target, name);
      else Object.defineProperty(target, name, own);
    });
  }

  /** True if a method of this object is replaced. */
  has(target: object): boolean {
    return this.#targets.has(target);
  }

  /** Runs `take` at `restore`. */
  undo(take: () => void): void {
    this.#undo.push(take);
  }

  /** Puts everything back. */
  restore(): void {
    for (const take of this.#undo.splice(0).toReversed()) take();
    this.#targets.clear();
  }
}
