// The platform as it really is, inside the runtime of the tests: KV that is late, caches misses and ends
// for the day; objects that restart, are overloaded, over quota or cannot write; an Internet that takes
// fifty requests an invocation; and a clock that can jump to 00:00 UTC.
//
//   let world: World;
//   beforeEach(() => void (world = simulate()));
//   afterEach(() => world.end());
//
// The bindings in `env` stay the same objects with methods of their own: the Worker, objects, entrypoints
// and the test all meet the simulator, with `env.USERS.get(…)` or `send("/users")` as ever. The test's
// own operations are counted and limited by the day, but belong to no invocation.
//
// Time: `Date` stands still until the test moves it. `advance` and `jumpToMidnight` move it and ring
// nothing; `elapse` lets it pass, and every alarm rings at its time; `runAlarms` rings what is due. No alarm
// rings by itself, not even one set for now: the runtime would compare it with real time, whatever `Date`
// says (an alarm in a faked past rings at once, one in a faked future never). So every alarm is set a
// hundred years later, and `getAlarm` subtracts them again. Timers and `scheduler.wait` stay real.
// An alarm that an object had before `simulate`, or has after `restore`, is not the simulator's. `end` leaves
// nothing behind (the runtime's own `reset` keeps what objects have stored that do not run just then).
//
// Faults: `world.kv.fail`, `world.objects.fail` and `world.storage.fail` take `how` it fails, what it
// strikes (`binding`, `name`, `method`, `operation`, `key`: what is left out is any), and when: the `nth`
// that matches, as many `times` from there on, `until` a time. `fault.struck` says how often it did, so
// that a test can crash a flow at its first step, its second, … until there is none: `struck` is 0.
//
// Quotas are those of the free plan's day, and end at 00:00 UTC. `world.spend("kvWrites")` uses up one.
//
// Not simulated: CPU time, memory, duration (GB-s), six connections, the size of rows, rows read per day,
// and writes that arrive in another order than they were made.
import { type Conditions, World } from "./world";

export { World } from "./world";

/** Puts the simulated platform in place of the local one, until `restore`. */
export function simulate(conditions: Conditions = {}): World {
  return new World(conditions);
}

/** The local platform's own friendliness, still counted and under the simulated clock. */
export const FRIENDLY = {
  kv: { lagMs: 0, cacheMs: 0, msBetweenWrites: 0 },
  perDay: {
    kvReads: Infinity,
    kvWrites: Infinity,
    kvDeletes: Infinity,
    kvLists: Infinity,
    objectRequests: Infinity,
    rowsWritten: Infinity,
  },
  perInvocation: { outgoing: Infinity, services: Infinity },
} satisfies Conditions;
