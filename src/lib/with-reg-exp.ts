// Of the global object, the constructor of regular expressions alone is read and put back.
const world: object = globalThis;

/** A function that stands in for the constructor of regular expressions. */
export type MakeRegExp = (pattern: string, flags?: string) => Pick<RegExp, "test">;

/**
 * Runs synchronous code in which `new RegExp(…)` gives what `make` returns, for a library that has no other way to its
 * patterns.
 *
 * @param make gets the platform's own constructor, for patterns that are none of its own
 */
export function withRegExp<T>(make: (platform: RegExpConstructor) => MakeRegExp, run: () => T): T {
  const platform = RegExp;
  const made = make(platform);
  // `new` takes an object that a function returns; an arrow function cannot be its target.
  const standIn = function standIn(pattern: string, flags?: string) {
    return made(pattern, flags);
  };
  Reflect.set(world, "RegExp", standIn);
  try {
    return run();
  } finally {
    Reflect.set(world, "RegExp", platform);
  }
}
