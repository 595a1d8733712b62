// Random schedules as in test/schedules, on the SQLite that objects have: few, as each takes its time here.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { it } from "vitest";
import { outboxOn } from "../schedules/outbox";
import { OutboxDisk } from "../schedules/outbox-disk";
import { runSchedules } from "../schedules/runner";

it("SqlOutbox keeps its promises in an object", async ({ expect }) => {
  const stub = env.JOBS.getByName("a database for this test");
  await runInDurableObject(stub, async (_, { storage }) => {
    const lifecycle = outboxOn(new OutboxDisk(storage));
    await expect(runSchedules(lifecycle, { seed: 1, schedules: 300 })).resolves.toBe(undefined);
  });
});
