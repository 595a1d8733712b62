import { describe, it } from "vitest";
import { Reporter } from "../../../src/domain/jobs/reporter";
import type { Attempt, Made } from "../../../src/domain/jobs/job";
import { DONE, failed } from "../../support/fake-job";
import { FakeClock, settle } from "../../support/fake-clock";

/** A reporter, and the reports that it makes, each answered by hand. */
function reporting() {
  const clock = new FakeClock();
  const reports: { indexes: number[]; answer: PromiseWithResolvers<boolean> }[] = [];
  const reporter = new Reporter((made: Made) => {
    const answer = Promise.withResolvers<boolean>();
    reports.push({ indexes: made.map(([index]) => index), answer });
    return answer.promise;
  }, clock);
  const note = (attempt: Attempt, ...indexes: number[]) => {
    for (const index of indexes) reporter.note(index, attempt);
  };
  return { clock, reporter, reports, note };
}

describe("Reporter", () => {
  it("reports what came in, after a tenth of a second, though nothing further does", async ({
    expect,
  }) => {
    const { clock, reports, note, reporter } = reporting();
    note(DONE, 1, 2);
    await clock.advance(99);
    expect(reports).toEqual([]);
    await clock.advance(1);
    expect(reports.map(({ indexes }) => indexes)).toEqual([[1, 2]]);
    reports[0]?.answer.resolve(true);
    expect(await reporter.isWanted()).toBe(true);
    expect(await reporter.end()).toEqual([]);
  });

  it("reports a failure at once, with all that came before", async ({ expect }) => {
    const { reports, note } = reporting();
    note(DONE, 1);
    note(failed(), 2);
    expect(reports.map(({ indexes }) => indexes)).toEqual([[1, 2]]);
  });

  it("makes one report at a time, and lets nobody start before the last is in", async ({
    expect,
  }) => {
    const { reports, note, reporter } = reporting();
    note(failed(), 1);
    note(failed(), 2, 3);
    expect(reports).toHaveLength(1);
    let isWanted: boolean | undefined;
    const asking = reporter.isWanted().then((answer) => (isWanted = answer));
    reports[0]?.answer.resolve(true);
    await settle();
    expect(reports.map(({ indexes }) => indexes)).toEqual([[1], [2, 3]]);
    expect(isWanted).toBeUndefined();
    reports[1]?.answer.resolve(false);
    expect(await asking).toBe(false);
  });

  it("keeps what came in after the last report for the end", async ({ expect }) => {
    const { clock, reports, note, reporter } = reporting();
    note(failed(), 1);
    reports[0]?.answer.resolve(false);
    await settle();
    note(failed(), 2);
    note(DONE, 3);
    await clock.advance(1000);
    expect(reports).toHaveLength(1);
    expect((await reporter.end()).map(([index]) => index)).toEqual([2, 3]);
  });

  it("fails whoever asks once a report has failed", async ({ expect }) => {
    const { reports, note, reporter } = reporting();
    note(failed(), 1);
    reports[0]?.answer.reject(new Error("gone"));
    await expect(reporter.isWanted()).rejects.toThrow("gone");
    note(DONE, 2);
    await expect(reporter.end()).rejects.toThrow("gone");
  });
});
