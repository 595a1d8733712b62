// Summaries of parallel calls.
import { describe, it } from "vitest";
import type { CallResult } from "../../src/client";
import { describeCalls, judge, sumOf, toneOf } from "../../src/console/calls";

const TIMES = { url: "https://a.example/", attempts: 1, started_ms: 0, duration_ms: 100 };

function answered(http_status: number): CallResult {
  const ok = http_status < 300;
  const body = { body_type: "text", body: "", bytes: 0, redirects: 0, headers: {} } as const;
  return { id: "0", status: "fulfilled", http_status, ok, ...body, ...TIMES };
}

function rejected(code: "timeout" | "cancelled"): CallResult {
  return { id: "0", status: "rejected", error: { code, detail: "No." }, ...TIMES };
}

describe("calls", () => {
  it("that were cancelled have not failed", ({ expect }) => {
    const results = [answered(200), answered(404), rejected("timeout"), rejected("cancelled")];

    expect(results.map(toneOf)).toEqual(["ok", "warn", "bad", "neutral"]);
    expect(describeCalls(results, 120)).toBe(
      "4 calls in 120 ms: 2 answered, 1 failed, 1 cancelled",
    );
    expect(sumOf(results)).toBe(300);
  });

  it("are not called cancelled where none was", ({ expect }) => {
    expect(describeCalls([answered(200)], 120)).toBe("1 call in 120 ms: 1 answered, 0 failed");
  });
});

describe("a policy", () => {
  it.for([
    ["settled", [rejected("timeout")], null],
    ["all", [answered(200), answered(200)], "“all” is met: every answer was ok."],
    ["all", [answered(200), answered(404)], "“all” has failed: 1 call not ok."],
    ["any", [answered(200), rejected("cancelled")], "“any” is met: one answer was ok."],
    ["any", [answered(500), rejected("timeout")], "“any” has failed: no answer was ok."],
  ] as const)("of %s is judged by its calls (%#)", ([policy, results, text], { expect }) => {
    expect(judge(policy, results)?.text ?? null).toBe(text);
  });
});
