// Events whose channel cannot be reached for hours: what waits costs little, and all of it arrives.
import { env } from "cloudflare:workers";
import { it } from "vitest";
import { simulate } from "../simulator";
import { create, TASKS } from "./platforms";

const SECOND_MS = 1000;
const HOUR_MS = 60 * 60_000;

const SETTINGS = {
  type: "webhook",
  url: "https://hooks.example/",
  secret: "whsec_".padEnd(40, "x"),
  events: ["task.created"],
};
Object.assign(env, { CHANNELS: JSON.stringify({ hook: SETTINGS }) });

it("Twenty tasks that a channel is not told of share their alarms", async ({ expect }) => {
  const world = simulate();
  try {
    const told: string[] = [];
    world.answer(({ url }) => {
      told.push(url);
      return new Response();
    });
    const away = world.objects.fail({
      how: "overloaded",
      binding: "CHANNEL_QUEUES",
      times: Infinity,
    });
    for (let made = 0; made < 20; made += 1) {
      await create(TASKS);
      await world.elapse(SECOND_MS);
    }
    world.resetCounts();
    await world.elapse(4 * HOUR_MS);
    const { alarms, rowsWritten } = world.counts("TABLES");
    expect(alarms).toBeLessThan(120);
    expect(rowsWritten).toBeLessThan(1200);
    expect(told).toEqual([]);
    away.end();
    await world.elapse(HOUR_MS);
    expect(told).toHaveLength(20);
  } finally {
    await world.end();
  }
});
