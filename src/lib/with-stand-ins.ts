// Of the global object, what stand-ins replace is read and put back, and nothing else.
const world: object = globalThis;

/** A function that stands in for one of the platform's, by its owner (null: the global object) and its name there. */
export type StandIn = readonly [owner: object | null, name: string, standIn: unknown];

/** Runs synchronous code in which some of the platform's functions are others, for a library that has no other way in. */
export function withStandIns<T>(standIns: readonly StandIn[], run: () => T): T {
  const put = (functions: readonly StandIn[]) => {
    for (const [owner, name, one] of functions) Reflect.set(owner ?? world, name, one);
  };
  const own = standIns.map(([owner, name]): StandIn => [
    owner,
    name,
    Reflect.get(owner ?? world, name),
  ]);
  put(standIns);
  try {
    return run();
  } finally {
    put(own);
  }
}
