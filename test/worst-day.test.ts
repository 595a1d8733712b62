// The worst that callers without a token can do in a day, tried on the platform as it is: whatever they
// send, what comes of it stays within what their budgets say.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NOTHING, type Operations } from "../bench/cost-table";
import securityMd from "../SECURITY.md?raw";
import { DEFAULT_BUDGETS, parseBudgets } from "../src/domain/callers/budgets";
import { systemClock } from "../src/runtime/clock";
import { simulate, type World } from "./simulator";
import { FREE_PLAN } from "./simulator/ledger";
import { HAS_MAIL_SERVER } from "./support/users";
import { counted, worstDayOfAll, worstDayOfOne } from "./support/worst-day";
import { post } from "./support/worker";

const MORNING = Date.UTC(2040, 0, 10, 1);
const ALL_EXPIRED_MS = 60 * 24 * 60 * 60_000;
const SMALL = "batches=3 items=15 calls=4 total_items=24 total_calls=6";
const BUDGETS = { ...DEFAULT_BUDGETS, ...parseBudgets(SMALL) };

let world: World;
beforeEach(() => {
  vi.spyOn(systemClock, "now").mockReturnValue(0);
  world = simulate({ now: MORNING });
  world.answer(() => Response.json(HAS_MAIL_SERVER));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await world.end();
});

let count = 0;
/** A stranger at this address. */
function stranger(address: string) {
  const send = async (path: string, body: unknown): Promise<number> => {
    count += 1;
    const headers = { "CF-Connecting-IP": address, "Idempotency-Key": crypto.randomUUID() };
    const response = await post(path, body, headers, { ANONYMOUS_DAILY: SMALL });
    await response.text();
    return response.status;
  };
  const person = () => ({ name: "Ada", email: `stranger-${count}@example.com` });
  return {
    signUp: () => send("/users", person()),
    batchOfOne: () => send("/batch-process", { operation: "users", items: [person()] }),
    // Neither host may be called.
    call: () => send("/external-api", { urls: ["https://127.0.0.1/", "https://127.0.0.2/"] }),
  };
}

/** Sends until it is refused. @returns how often it was not */
async function exhaust(act: () => Promise<number>): Promise<number> {
  for (let times = 0; ; times += 1) {
    const status = await act();
    if (status === 429) return times;
    if (status >= 400) throw new Error(`Refused with ${status}`);
  }
}

/** All that is counted once everything that follows is done, and all that is kept has expired. */
async function operations(): Promise<Operations> {
  await world.settled();
  await world.elapse(ALL_EXPIRED_MS);
  return world.counts();
}

/** Tables are filled once in their lives. */
async function warmUp(): Promise<void> {
  const headers = { Authorization: "Bearer test-token" };
  await post("/users", { name: "Owner", email: "owner@example.com" }, headers);
  await post("/tasks", { title: "Begin" }, headers);
  await post(
    "/batch-process",
    { operation: "trim", items: ["a"] },
    { ...headers, "Idempotency-Key": "a" },
  );
  await world.settled();
  await world.elapse(2000);
  world.resetCounts();
}

const COUNTED = Object.keys(NOTHING) as (keyof Operations)[]; // `keys` forgets the type of a closed record
/** What a request costs that is refused, at most. */
const REFUSED = counted("POST /tasks, refused with an Idempotency-Key on a day that is spent");

/** Expects that no more was done than this, and `refused` requests refused besides. */
function expectWithin(done: Operations, worst: Operations, refused: number): void {
  for (const name of COUNTED)
    expect(done[name], name).toBeLessThanOrEqual(worst[name] + refused * REFUSED[name]);
  // A bound that is far away would say nothing.
  expect(done.rowsWritten).toBeGreaterThan(0.8 * worst.rowsWritten);
  expect(done.objectRequests).toBeGreaterThan(0.8 * worst.objectRequests);
}

describe("the worst day", () => {
  it("of one stranger ends with the caller's budgets, whatever is sent beyond them", async () => {
    await warmUp();
    const one = stranger("192.0.2.1");
    expect(await exhaust(one.batchOfOne)).toBe(BUDGETS.batches);
    expect(await exhaust(one.signUp)).toBe(BUDGETS.items - BUDGETS.batches);
    // Each counts as one, but asks for two.
    expect(await exhaust(one.call)).toBe(BUDGETS.calls - 1);
    await world.settled();
    const before = world.counts();
    for (const act of [one.batchOfOne, one.signUp, one.call])
      for (let n = 0; n < 10; n += 1) expect(await act()).toBe(429);
    for (const name of ["kvWrites", "rowsWritten", "outgoing"] as const)
      expect(world.counts()[name], name).toBe(before[name]);
    expectWithin(await operations(), worstDayOfOne(BUDGETS), 3 + 30);
  });

  it("of all strangers ends with the budgets of all, however many they are", async () => {
    await warmUp();
    const hosts = BUDGETS.total_items / BUDGETS.batches;
    let [items, calls] = [0, 0];
    for (let host = 1; host <= hosts; host += 1) {
      const one = stranger(`192.0.2.${host}`);
      items += await exhaust(one.batchOfOne);
      calls += await exhaust(one.call);
    }
    // Nothing is left for one more.
    expect(await exhaust(stranger("192.0.2.200").signUp)).toBe(0);
    expect([items, calls]).toEqual([BUDGETS.total_items, BUDGETS.total_calls - 1]);
    expectWithin(await operations(), worstDayOfAll(BUDGETS), 2 * hosts + 1);
  });
});

it("SECURITY.md tells what the default budgets come to", () => {
  const [one, all] = [worstDayOfOne(DEFAULT_BUDGETS), worstDayOfAll(DEFAULT_BUDGETS)];
  const row = (what: string, name: keyof Operations) =>
    `| ${what} | ${one[name].toLocaleString("en")} | ${all[name].toLocaleString("en")} |`;
  for (const line of [
    row("rows written", "rowsWritten"),
    row("requests of objects", "objectRequests"),
    row("writes to KV", "kvWrites"),
    row("requests to other servers", "outgoing"),
  ]) {
    expect(securityMd).toContain(line);
  }
});

it("The budgets that SECURITY.md proposes for the free plan fit into its day", () => {
  const [, proposed = ""] = /`ANONYMOUS_DAILY = "([^"]+)"`/.exec(securityMd) ?? [];
  const budgets = parseBudgets(proposed);
  expect(budgets).not.toBeNull();
  const worst = worstDayOfAll({ ...DEFAULT_BUDGETS, ...budgets });
  expect(worst.rowsWritten).toBeLessThan(FREE_PLAN.rowsWritten / 2);
  expect(worst.objectRequests + worst.alarms).toBeLessThan(FREE_PLAN.objectRequests / 2);
});
