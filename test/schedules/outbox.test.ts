import { it } from "vitest";
import { openSqlite } from "./node-sqlite";
import { outboxOn } from "./outbox";
import { OutboxDisk } from "./outbox-disk";
import { runSchedules } from "./runner";

const SCHEDULES = 10_000;

it(`Outbox keeps its promises in ${String(SCHEDULES)} random schedules`, async ({ expect }) => {
  const disk = new OutboxDisk(openSqlite());
  await expect(runSchedules(outboxOn(disk), { seed: 1, schedules: SCHEDULES })).resolves.toBe(
    undefined,
  );
});
