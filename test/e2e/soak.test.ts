// Everything at once, and the power cut again and again at random moments. `npm run soak` makes it last
// for minutes; the seed is printed, and decides what is done and when the power goes.
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, it } from "vitest";

import { callUntilCut } from "../support/node/soak/callers";
import { brokenKeys, brokenPromises, repeatAttempts } from "../support/node/soak/invariants";
import { Ledger } from "../support/node/soak/ledger";
import { createRandom } from "../support/random";
import { openWorld, type World } from "../support/node/soak/world";

const SEED = Number(process.env["SOAK_SEED"] ?? 1);
const MINUTES = Number(process.env["SOAK_MINUTES"] ?? 0);
const MS_PER_MINUTE = 60_000;
/** At least so many cuts, however slow the machine. */
const MIN_CUTS = 2;
const MAX_MS_TO_CUT = 2500;
/** An object that was cut off in an alarm is woken by its watchdog seconds later; KV and receivers may then fail again. */
const ALL_ENDS_MS = 90_000;
const TIMEOUT_MS = MINUTES * MS_PER_MINUTE + 2 * ALL_ENDS_MS + 60_000;

let world: World;

beforeAll(async () => {
  world = await openWorld(SEED);
});
afterAll(() => world.close());

it(
  `nothing acknowledged is lost, nothing is doubled, everything ends (seed ${SEED})`,
  { timeout: TIMEOUT_MS },
  async ({ expect }) => {
    const random = createRandom(SEED);
    const ledger = new Ledger();
    let last = 0;
    const count = (): number => (last += 1);
    const { server, upstream } = world;
    const endsAt = performance.now() + MINUTES * MS_PER_MINUTE;
    for (let cuts = 0; cuts < MIN_CUTS || performance.now() < endsAt; cuts += 1) {
      const callers = callUntilCut({ origin: server.origin, upstream, random, ledger, count });
      await delay(random.between(200, MAX_MS_TO_CUT));
      await server.kill();
      await callers;
      await server.restart();
      if (MINUTES > 0) console.log(`${String(cuts + 1)} cuts: ${ledger.describe()}`);
    }

    expect(await repeatAttempts(world, ledger)).toEqual([]);
    await expect
      .poll(() => brokenPromises(world, ledger), { timeout: ALL_ENDS_MS, interval: 1000 })
      .toEqual([]);
    expect(await brokenKeys(world, ledger)).toEqual([]);
    expect(ledger.users.size + ledger.tasks.size).toBeGreaterThan(0);
  },
);
