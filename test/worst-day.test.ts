// The worst that callers without a token can do in a day, tried on the platform as it is: whatever they
// send, what comes of it stays within what their budgets say.
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { NOTHING, type Operations } from "../bench/cost-table";
import securityMd from "../SECURITY.md?raw";
import { DEFAULT_BUDGETS, parseBudgets, type Budgets } from "../src/domain/callers/budgets";
import { systemClock } from "../src/runtime/clock";
import { simulate, type World } from "./simulator";
import { HAS_MAIL_SERVER } from "./support/users";
import { worstDayOfAll, worstDayOfOne } from "./support/worst-day";
import { post } from "./support/worker";

const MORNING = Date.UTC(2040, 0, 10, 1);
const ALL_EXPIRED_MS = 60 * 24 * 60 * 60_000;
const SMALL = "batches=3 items=15 calls=4 total_items=24 total_calls=6";
const BUDGETS = { ...DEFAULT_BUDGETS, ...parseBudgets(SMALL) };

let world: World;
beforeEach(() => {
  vi.spyOn(systemClock, "now").mockReturnValue(0);
  world = simulate({ now: MORNING });
  world.answer(({ url }) =>
    new URL(url).pathname === "/dns-query"
      ? Response.json(HAS_MAIL_SERVER)
      : // Every call is repeated, and every time redirected.
        Response.redirect(`${new URL(url).origin}/again`, 302),
  );
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
    call: () => {
      const request = { url: `https://up.example/${count}`, retries: 5, timeout_ms: 100 };
      return send("/external-api", { requests: [request] });
    },
  };
}
type Act = keyof ReturnType<typeof stranger>;

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
  await post("/batch-process", { operation: "trim", items: ["a"] }, { ...headers, "Idempotency-Key": "a" });
  await world.settled();
  await world.elapse(2000);
  world.resetCounts();
}

const COUNTED = Object.keys(NOTHING) as (keyof Operations)[]; // `keys` forgets the type of a closed record

describe("the worst day", () => {
  it("of one stranger stays within the caller's budgets, whatever is sent beyond them", async ({
    expect,
  }) => {
    await warmUp();
    const one = stranger("192.0.2.1");
    expect(await exhaust(one.batchOfOne)).toBe(BUDGETS.batches);
    expect(await exhaust(one.signUp)).toBe(BUDGETS.items - BUDGETS.batches);
    expect(await exhaust(one.call)).toBe(BUDGETS.calls);
    const before = world.counts();
    const beyond: Act[] = ["batchOfOne", "signUp", "call"];
    for (const act of beyond) for (let n = 0; n < 10; n += 1) await one[act]();
    const refused = world.counts();
    for (const name of ["kvWrites", "outgoing"] as const)
      expect(refused[name], name).toBe(before[name]);
    const done = await operations();
    const worst = worstDayOfOne(BUDGETS);
    // Three were refused to find the end of each budget, and thirty beyond; each asks for its key, too.
    const extra = 33 * 3;
    for (const name of COUNTED) {
      const allowed = ["workerRequests", "objectRequests", "rowsRead", "rowsWritten"].includes(name)
        ? worst[name] + extra
        : worst[name];
      expect(done[name], name).toBeLessThanOrEqual(allowed);
    }
    expect(done.rowsWritten).toBeGreaterThan(worst.rowsWritten / 2);
  });
});
