import { it } from "vitest";
import { channelOn } from "./channel";
import { openSqlite } from "./node-sqlite";
import { runSchedules } from "./runner";

const SCHEDULES = 10_000;

it(`Channel keeps its promises in ${String(SCHEDULES)} random schedules`, async ({ expect }) => {
  const lifecycle = channelOn(openSqlite());
  await expect(runSchedules(lifecycle, { seed: 1, schedules: SCHEDULES })).resolves.toBe(undefined);
});
