// The progress of a batch in one line of a terminal.
import { describe, it } from "vitest";
import { progressBar, progressText } from "../../src/cli/progress";
import { formatBytes, formatDuration } from "../../src/cli/format";
import type { Batch } from "../../src/client";

const BATCH: Batch = {
  id: "b1",
  label: null,
  run: 1,
  then: null,
  summary: null,
  summary_error: null,
  metadata: {},
  options: { concurrency: 6 },
  operation: "uppercase",
  status: "running",
  total: 10_000,
  succeeded: 4000,
  failed: 12,
  pending: 5988,
  created_at: "2026-01-01T00:00:00.000Z",
  started_at: "2026-01-01T00:00:00.000Z",
  finished_at: null,
  expires_at: "2026-01-08T00:00:00.000Z",
  items_per_second: 850.4,
  reason: null,
  failed_by_code: {},
  waiting: null,
  eta_ms: 75_000,
  links: {},
};

describe("the progress of a batch", () => {
  it("has a bar, the share, the counts, the rate and the remaining time", ({ expect }) => {
    expect(progressBar(BATCH, 100)).toBe(
      `${"█".repeat(12)}${"░".repeat(18)}  40 %  4,012 of 10,000  12 failed  850/s  1:15 left`,
    );
  });

  it.for([20, 40, 60, 80, 200])("fits into %i columns", (columns, { expect }) => {
    expect(progressBar(BATCH, columns).length).toBeLessThan(columns);
  });

  it("says how it stands when it does not move", ({ expect }) => {
    const done = { ...BATCH, status: "completed", succeeded: 9988, pending: 0, eta_ms: 0 } as const;
    expect(progressText(done)).toBe("100 %  10,000 of 10,000  12 failed  850/s  completed");
    const fresh = { ...BATCH, failed: 0, pending: 6000, items_per_second: null, eta_ms: null };
    expect(progressText(fresh)).toBe(" 40 %  4,000 of 10,000");
  });

  it("is not called done while anything is pending", ({ expect }) => {
    expect(progressText({ ...BATCH, pending: 1 })).toMatch(/^ 99 %/);
  });
});

describe("numbers for people", () => {
  it.for([
    [0, "0 ms"],
    [999, "999 ms"],
    [1240, "1.2 s"],
    [75_000, "1:15"],
    [3_723_000, "1:02:03"],
  ] as const)("tell %i milliseconds as %s", ([ms, text], { expect }) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it.for([
    [512, "512 B"],
    [1240, "1.2 kB"],
    [2_500_000, "2.5 MB"],
  ] as const)("tell %i bytes as %s", ([bytes, text], { expect }) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});
