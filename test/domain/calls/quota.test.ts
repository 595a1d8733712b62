import { describe, it } from "vitest";
import {
  decideAdmission,
  UNUSED_CALLER,
  UNUSED_QUOTA,
  type Quota,
} from "../../../src/domain/calls/quota";

const NONE: Quota = { rate: null, dailyCalls: null, perCaller: null };

/** Asks once at each instant, and returns the waits, or `null` for a refusal. */
function ask(
  quota: Quota,
  instants: readonly number[],
  { isAnonymous = true, withinMs = 25_000 } = {},
): (number | null)[] {
  let [state, caller] = [UNUSED_QUOTA, UNUSED_CALLER];
  return instants.map((now) => {
    const used = { state, caller: isAnonymous ? caller : null };
    const decision = decideAdmission(quota, used, now, withinMs);
    if (decision.status === "refused") return null;
    ({ state, caller } = decision);
    return decision.waitMs;
  });
}

describe("decideAdmission", () => {
  it("spaces the calls of a rate evenly, and waits for a turn within the call's time", ({
    expect,
  }) => {
    const quota = { ...NONE, rate: { count: 60, periodMs: 60_000 } };
    expect(ask(quota, [0, 0, 0, 500, 10_000])).toEqual([0, 1000, 2000, 2500, 0]);
    expect(ask(quota, [0, 0, 0, 0], { withinMs: 2000 })).toEqual([0, 1000, 2000, null]);
  });

  it("lets a refused call use nothing", ({ expect }) => {
    const quota = { ...NONE, rate: { count: 1, periodMs: 10_000 } };
    expect(ask(quota, [0, 1, 2, 10_000], { withinMs: 0 })).toEqual([0, null, null, 0]);
  });

  it("counts the calls of the day, of callers with a token too", ({ expect }) => {
    const quota = { ...NONE, dailyCalls: 2 };
    expect(ask(quota, [0, 0, 0])).toEqual([0, 0, null]);
    expect(ask(quota, [0, 0, 0], { isAnonymous: false })).toEqual([0, 0, null]);
  });

  it("gives a caller without a token its calls of a period, from the first of them on", ({
    expect,
  }) => {
    const quota = { ...NONE, perCaller: { count: 2, periodMs: 60_000 } };
    expect(ask(quota, [5, 5, 5, 60_004, 60_005, 60_005, 60_006])).toEqual([
      0,
      0,
      null,
      null,
      0,
      0,
      null,
    ]);
    expect(ask(quota, [0, 0, 0], { isAnonymous: false })).toEqual([0, 0, 0]);
  });
});
