import { describe, it } from "vitest";
import { LEASE_MS, takeTurn, type KeptRequest } from "../../src/domain/idempotency";

const FRESH = { v4: "fresh-4", v7: "fresh-7" };
const FIRST = { v4: "first-4", v7: "first-7" };
const NOW = 1_000_000;
const running: KeptRequest = {
  fingerprint: "a",
  ids: FIRST,
  leasedUntil: NOW + LEASE_MS,
  reply: null,
  isGone: false,
};
const reply = { status: 201, headers: {}, content: "{}" };

describe("a request's turn", () => {
  it("is to run when it is the first, and is kept with its ids", ({ expect }) => {
    expect(takeTurn(null, "a", FRESH, NOW)).toEqual({
      turn: { kind: "run", ids: FRESH },
      keep: { fingerprint: "a", ids: FRESH, leasedUntil: NOW + LEASE_MS, reply: null },
    });
  });

  it("is to wait while the first runs", ({ expect }) => {
    const { turn, keep } = takeTurn(running, "a", FRESH, NOW + LEASE_MS - 1);
    expect(turn).toEqual({ kind: "wait", seconds: 1 });
    expect(keep).toBeNull();
  });

  it("is to replay what the first got, whenever that was", ({ expect }) => {
    const { turn, keep } = takeTurn({ ...running, reply }, "a", FRESH, NOW + 2 * LEASE_MS);
    expect(turn).toEqual({ kind: "replay", reply });
    expect(keep).toBeNull();
  });

  it.for([running, { ...running, reply }])(
    "is a mismatch for another request",
    (kept, { expect }) => {
      expect(takeTurn(kept, "b", FRESH, NOW)).toEqual({ turn: { kind: "mismatch" }, keep: null });
    },
  );

  it("is to run again under the first ids once the lease is over", ({ expect }) => {
    const now = NOW + LEASE_MS;
    expect(takeTurn(running, "a", FRESH, now)).toEqual({
      turn: { kind: "run", ids: FIRST },
      keep: { fingerprint: "a", ids: FIRST, leasedUntil: now + LEASE_MS, reply: null },
    });
  });

  it("is still to run where the platform repeats the call that began it", ({ expect }) => {
    expect(takeTurn(running, "a", FIRST, NOW + 1).turn).toEqual({ kind: "run", ids: FIRST });
  });

  it("is over once what it created was deleted, for the same request alone", ({ expect }) => {
    const gone = { ...running, leasedUntil: 0, isGone: true };
    expect(takeTurn(gone, "a", FRESH, NOW)).toEqual({ turn: { kind: "gone" }, keep: null });
    expect(takeTurn(gone, "b", FRESH, NOW).turn).toEqual({ kind: "mismatch" });
  });

  it("is never the first one's ids for another request", ({ expect }) => {
    const { turn } = takeTurn(running, "b", FRESH, NOW + LEASE_MS);
    expect(JSON.stringify(turn)).not.toContain(FIRST.v7);
  });
});
