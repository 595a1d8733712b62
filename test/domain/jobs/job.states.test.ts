// States of an item after attempts, and limits of what can be stored.
import { describe, it } from "vitest";
import {
  advance,
  dueAt,
  giveUp,
  MAX_RESULT_BYTES,
  NEVER_RUN,
  reset,
  storable,
  type Attempt,
  type ItemState,
} from "../../../src/domain/jobs/job";

const ERROR = { code: "broken", detail: "It broke." };
const PENDING: ItemState = { status: "pending", attempts: 1, dueAt: 500, error: ERROR };
const FAILED: ItemState = { status: "failed", attempts: 3, error: ERROR };
const SUCCEEDED: ItemState = { status: "succeeded", attempts: 2, output: 1 };

describe("advance", () => {
  const after = (attempt: Attempt, delay: number | null = 100) =>
    advance(PENDING, attempt, { retryDelay: () => delay }, 1000);

  it("ends an item with its output", ({ expect }) => {
    expect(after({ status: "succeeded", output: null })).toEqual({
      status: "succeeded",
      attempts: 2,
      output: null,
    });
  });

  it("asks for the delay after the attempts that were made", ({ expect }) => {
    const asked: number[] = [];
    const retryDelay = (attempts: number) => {
      asked.push(attempts);
      return 0;
    };
    advance(PENDING, { status: "failed", error: ERROR }, { retryDelay }, 1000);
    expect(asked).toEqual([2]);
  });

  it("keeps the error of an item that is tried again", ({ expect }) => {
    const error = { code: "other", detail: "Something else." };
    expect(after({ status: "failed", error })).toEqual({
      status: "pending",
      attempts: 2,
      dueAt: 1100,
      error,
    });
  });

  it("ends an item without another attempt where none can help", ({ expect }) => {
    const ended = { status: "failed", attempts: 2, error: ERROR };
    expect(after({ status: "failed", error: ERROR, isFinal: true })).toEqual(ended);
    expect(after({ status: "failed", error: ERROR, retryAfterMs: 5 }, null)).toEqual(ended);
  });
});

describe("dueAt", () => {
  it("is the earliest time of a pending item", ({ expect }) => {
    expect(dueAt([SUCCEEDED, PENDING, { ...PENDING, dueAt: 400 }, FAILED])).toBe(400);
    expect(dueAt([NEVER_RUN])).toBe(0);
    expect(dueAt([SUCCEEDED, FAILED])).toBeNull();
  });
});

describe("reset and giveUp", () => {
  it("reset begins failed items anew, and no others", ({ expect }) => {
    expect([FAILED, SUCCEEDED, PENDING].map(reset)).toEqual([NEVER_RUN, SUCCEEDED, PENDING]);
  });

  it("giveUp ends pending items, and no others", ({ expect }) => {
    expect([FAILED, SUCCEEDED].map(giveUp)).toEqual([FAILED, SUCCEEDED]);
    expect(giveUp(PENDING)).toMatchObject({
      status: "failed",
      attempts: 1,
      error: { code: "crashed" },
    });
  });
});

describe("storable", () => {
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const hostile = {
    toJSON() {
      throw new Error("no JSON");
    },
  };
  const codeOf = (output: unknown) => {
    const attempt = storable({ status: "succeeded", output });
    return attempt.status === "failed" ? [attempt.error.code, attempt.isFinal] : attempt.status;
  };

  it.for([null, 0, "", false, [], {}, [undefined], { nested: [1, { a: "b" }] }])(
    "leaves %j as it is",
    (output, { expect }) => {
      const attempt: Attempt = { status: "succeeded", output };
      expect(storable(attempt)).toBe(attempt);
    },
  );

  it.for([
    ["a cycle", cycle],
    ["a BigInt", { n: 1n }],
    ["nothing", undefined],
    ["a function", () => 1],
    ["a symbol", Symbol("a")],
    ["an object that refuses", hostile],
  ] as const)("fails an item that returned %s", ([, output], { expect }) => {
    expect(codeOf(output)).toEqual(["unserializable", true]);
  });

  it("fails an item whose error cannot be written", ({ expect }) => {
    expect(storable({ status: "failed", error: { ...ERROR, cycle } })).toMatchObject({
      status: "failed",
      error: { code: "unserializable" },
      isFinal: true,
    });
  });

  it("fails an item whose result is over the limit, counted in bytes of UTF-8", ({ expect }) => {
    // Two characters are the quotes.
    expect(codeOf("a".repeat(MAX_RESULT_BYTES - 2))).toBe("succeeded");
    expect(codeOf("a".repeat(MAX_RESULT_BYTES - 1))).toEqual(["result-too-large", true]);
    expect(codeOf("€".repeat(MAX_RESULT_BYTES / 3))).toEqual(["result-too-large", true]);
    expect(codeOf("€".repeat(MAX_RESULT_BYTES / 3 - 1))).toBe("succeeded");
  });
});
