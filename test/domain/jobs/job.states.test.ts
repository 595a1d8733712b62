// States of an item after attempts, and limits of what can be stored.
import { describe, it } from "vitest";
import { advance, MAX_RESULT_BYTES, storable, type Attempt } from "../../../src/domain/jobs/job";

const ERROR = { code: "broken", detail: "It broke." };
const PENDING = { status: "pending", attempts: 1, dueAt: 500, error: ERROR } as const;

describe("advance", () => {
  const after = (attempt: Attempt, maxAttempts = 3, before = PENDING) =>
    advance(before, attempt, { maxAttempts, delay: (attempts) => 50 * attempts }, 1000);

  it("ends an item with its output", ({ expect }) => {
    expect(after({ status: "succeeded", output: null })).toEqual({
      status: "succeeded",
      attempts: 2,
      output: null,
    });
  });

  it("keeps the error of an item that is tried again, after the delay of so many attempts", ({
    expect,
  }) => {
    const error = { code: "other", detail: "Something else." };
    expect(after({ status: "failed", error })).toEqual({
      status: "pending",
      attempts: 2,
      dueAt: 1100,
      error,
    });
  });

  it("waits as long as the server asked", ({ expect }) => {
    const later = after({ status: "failed", error: ERROR, retryAfterMs: 7000 });
    expect(later).toMatchObject({ dueAt: 8000 });
  });

  it("ends an item without another attempt where none can help, or none is left", ({ expect }) => {
    const ended = { status: "failed", attempts: 2, error: ERROR };
    expect(after({ status: "failed", error: ERROR, isFinal: true })).toEqual(ended);
    expect(after({ status: "failed", error: ERROR, retryAfterMs: 5 }, 2)).toEqual(ended);
  });

  it("counts a refusal as a request sent, but as no attempt", ({ expect }) => {
    const refused = after({ status: "refused", error: ERROR, waitMs: 3000 }, 2);
    expect(refused).toEqual({
      status: "pending",
      attempts: 2,
      refusals: 1,
      dueAt: 4000,
      error: ERROR,
    });
    const again = after({ status: "refused", error: ERROR, waitMs: null }, 2, refused as never);
    expect(again).toMatchObject({ status: "pending", attempts: 3, refusals: 2 });
    expect(after({ status: "failed", error: ERROR }, 2, again as never)).toMatchObject({
      status: "failed",
      attempts: 4,
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
