import { describe, it } from "vitest";
import {
  applyChange,
  EMPTY_STATE,
  judgeArrival,
  nextDue,
  nextWakeUp,
  postponeEffect,
  publishesOf,
  withArrival,
  withEffects,
  withoutEffects,
  withoutRecord,
  type Effect,
  type StoredRecord,
  type WriterState,
} from "../../../src/domain/records/records";

const NOW = 1_000_000;

function user(id: string, version = 1): StoredRecord {
  return {
    kind: "user",
    value: {
      id,
      name: "Ada",
      email: "ada@example.com",
      age: null,
      metadata: {},
      email_check: { verdict: "deliverable", reason: "mail-server-found" },
      created_at: "2026-01-01T00:00:00.000Z",
      updated_at: "2026-01-01T00:00:00.000Z",
      version,
    },
  };
}

const publish = (id: string): Effect => ({ kind: "publish", of: "user", id });
const recheck = (id: string): Effect => ({ kind: "recheck-email", id });
const move = (id: string): Effect => ({ kind: "move", id, to: "elsewhere", record: user(id, 2) });
const holding = (record: StoredRecord): WriterState => ({ ...EMPTY_STATE, record });
const kinds = ({ effects }: WriterState) => effects.map(({ effect }) => effect.kind);

describe("an arriving record", () => {
  const left = (version: number, to: string | null): WriterState =>
    withoutRecord(holding(user("a", version)), to, NOW);

  it.for([
    ["nobody was here", EMPTY_STATE, user("a"), "new"],
    ["another one is here", holding(user("b")), user("a"), "taken"],
    ["it is here already", holding(user("a")), user("a"), "known"],
    ["a later version is here", holding(user("a", 3)), user("a", 2), "known"],
    ["an earlier version is here", holding(user("a", 1)), user("a", 2), "new"],
    ["it has moved on", left(2, "elsewhere"), user("a", 2), "known"],
    ["it was deleted", left(2, null), user("a", 2), "known"],
    ["it comes back", left(2, "elsewhere"), user("a", 4), "new"],
    [
      "it has moved on and another one came",
      { ...left(2, "elsewhere"), record: user("b") },
      user("a", 2),
      "known",
    ],
    [
      "it comes back and another one came",
      { ...left(2, "elsewhere"), record: user("b") },
      user("a", 4),
      "taken",
    ],
  ] as const)("where %s", ([, state, record, expected], { expect }) => {
    expect(judgeArrival(state, record)).toBe(expected);
  });

  it("calls off the move of its older copy", ({ expect }) => {
    const state = withEffects(holding(user("a", 1)), [publish("a"), move("a")], NOW);
    const after = withArrival(state, user("a", 3));
    expect(after.record).toEqual(user("a", 3));
    expect(kinds(after)).toEqual(["publish"]);
  });
});

describe("a leaving record", () => {
  it("leaves nothing when it is deleted unchanged", ({ expect }) => {
    const state = { ...EMPTY_STATE, record: user("a", 1) };
    expect(withoutRecord(state, null, NOW)).toEqual(EMPTY_STATE);
  });

  it("leaves one forward, with the newest destination", ({ expect }) => {
    const once = withoutRecord({ ...EMPTY_STATE, record: user("a", 2) }, "b", NOW);
    const twice = withoutRecord({ ...once, record: user("a", 4) }, "c", NOW + 5);
    expect(twice.forwards).toMatchObject([{ id: "a", to: "c", version: 4 }]);
    expect(nextWakeUp(twice)).toBe(twice.forwards[0]?.until);
  });
});

describe("effects", () => {
  it("are due at once, but a check that just failed is not", ({ expect }) => {
    const state = withEffects(EMPTY_STATE, [recheck("a"), publish("a")], NOW);
    expect(nextDue(state, NOW)?.effect).toEqual(publish("a"));
    expect(nextWakeUp(state)).toBe(NOW);
    expect(nextWakeUp(withoutEffects(state, publishesOf(state, "a")))).toBe(NOW + 5 * 60_000);
  });

  it("do for older ones of their kind, under a key of their own", ({ expect }) => {
    const first = withEffects(EMPTY_STATE, [publish("a"), recheck("a"), publish("b")], NOW);
    const second = withEffects(first, [publish("a")], NOW);
    expect(kinds(second)).toEqual(["recheck-email", "publish", "publish"]);
    // What began before the second commit does not count as having published it.
    expect(publishesOf(second, "a")).not.toEqual(publishesOf(first, "a"));
    expect(withoutEffects(second, publishesOf(first, "a"))).toEqual(second);
  });

  it("do not publish a record that is moving, nor wake up for it", ({ expect }) => {
    const pending = withEffects(EMPTY_STATE, [publish("a"), move("a"), publish("b")], NOW);
    const state = postponeEffect(pending, 2, NOW);
    expect(nextDue(state, NOW)?.effect).toEqual(publish("b"));
    const alone = withoutEffects(state, publishesOf(state, "b"));
    expect(nextDue(alone, NOW)).toBeUndefined();
    expect(nextWakeUp(alone)).toBe(NOW + 1000);
    expect(nextDue(withoutEffects(alone, [2]), NOW)?.effect).toEqual(publish("a"));
  });

  it("are tried again after twice as long each time, up to a limit", ({ expect }) => {
    let state = withEffects(EMPTY_STATE, [publish("a")], NOW);
    const delays: number[] = [];
    for (let attempt = 0; attempt < 9; attempt += 1) {
      state = postponeEffect(state, 1, NOW);
      delays.push((nextWakeUp(state) ?? 0) - NOW);
    }
    expect(delays).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64].map((seconds) => seconds * 1000));
  });

  it("that are gone cannot be postponed", ({ expect }) => {
    expect(postponeEffect(EMPTY_STATE, 1, NOW)).toEqual(EMPTY_STATE);
    expect(nextWakeUp(EMPTY_STATE)).toBeNull();
  });
});

describe("a change", () => {
  it("gives the next version", ({ expect }) => {
    const change = { kind: "user", change: { patch: { name: "Grace" } } } as const;
    expect(applyChange(user("a", 4), change, NOW)).toMatchObject({
      value: { name: "Grace", version: 5 },
    });
  });

  it("that makes the record unfit is refused with a pointer", ({ expect }) => {
    const patch = { metadata: { text: "x".repeat(5000) } };
    expect(applyChange(user("a"), { kind: "user", change: { patch } }, NOW)).toMatchObject({
      status: "refused",
      code: "invalid-body",
      errors: [{ pointer: "#/metadata" }],
    });
  });
});
