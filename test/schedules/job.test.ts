import { it } from "vitest";
import { jobLifecycle, jobSteps } from "./job";
import { runSchedules } from "./runner";

/** A hundred thousand steps. */
const SCHEDULES = 2200;

it(`Job keeps its promises in ${String(SCHEDULES)} random schedules`, async ({ expect }) => {
  await expect(runSchedules(jobLifecycle, { seed: 1, schedules: SCHEDULES })).resolves.toBe(
    undefined,
  );
  expect(jobSteps.count).toBeGreaterThan(100_000);
});
