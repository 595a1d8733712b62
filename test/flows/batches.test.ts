// Batches of users and of tasks: their records are there at once, once each, whatever restarts.
import { describe, it } from "vitest";
import { readBatch, readResults, startBatch } from "../support/jobs";
import { create, KINDS, list, onEachPlatform, onTheRealPlatform, TASKS, USERS } from "./platforms";
import type { World } from "../simulator";
import { someUser } from "../support/records";
import { codeOf, outputOf } from "../support/results";
import { AUTHORIZATION, send } from "../support/worker";

const HOUR_MS = 60 * 60_000;
const ITEMS = 20;

/** Runs a batch to its end, however many alarms that takes. */
async function finish(world: World, operation: string, items: readonly unknown[]) {
  const { id } = await startBatch({ operation, items });
  await world.settled();
  await world.elapse(HOUR_MS);
  await world.settled();
  return { batch: await readBatch(id), results: (await readResults(id)).results };
}

onEachPlatform((worldOfTest) => {
  it.for(KINDS)(
    "a batch of $kind makes a record of each item",
    async ({ kind, body, binding }, { expect }) => {
      const items = Array.from({ length: ITEMS }, body);
      const { batch, results } = await finish(worldOfTest(), kind, items);
      expect(batch).toMatchObject({ status: "completed", succeeded: ITEMS, failed: 0 });
      const ids = (await list(kind)).map(({ id }) => id);
      expect(ids).toHaveLength(ITEMS);
      const outputs = results.map((result) => String(Object(outputOf(result)).id));
      expect(outputs.toSorted()).toEqual(ids.toSorted());
      expect([...worldOfTest().kv.published(binding).keys()].toSorted()).toEqual(ids.toSorted());
    },
  );

  it("a batch of tasks takes a user who signed up a moment ago as assignee", async ({ expect }) => {
    const { id: assignee_id } = await create(USERS);
    const items = Array.from({ length: ITEMS }, () => ({ ...TASKS.body(), assignee_id }));
    const { batch } = await finish(worldOfTest(), "tasks", items);
    expect(batch).toMatchObject({ status: "completed", succeeded: ITEMS });
    expect(await list("tasks", `assignee_id=${assignee_id}`)).toHaveLength(ITEMS);
  });

  it("a batch of users makes one of those with one e-mail", async ({ expect }) => {
    const items = ["Ada@example.com", "ada@example.com", "bob@example.com"].map((email) => ({
      name: "Ada",
      email,
    }));
    const { batch, results } = await finish(worldOfTest(), "users", items);
    expect(batch).toMatchObject({ status: "completed", succeeded: 2, failed: 1 });
    expect(results.flatMap((result) => codeOf(result) ?? [])).toEqual(["email-taken"]);
    expect(await list("users")).toHaveLength(2);
  });
});

onTheRealPlatform((worldOfTest) => {
  describe.each(KINDS)("a batch of $kind", ({ kind, body }) => {
    it.for(["restart", "reply-lost"] as const)(
      "makes each record once although the table restarts again and again: %s",
      async (how, { expect }) => {
        const world = worldOfTest();
        for (let nth = 1; nth <= ITEMS; nth += 3)
          world.objects.fail({ how, binding: "TABLES", nth });
        const { batch } = await finish(world, kind, Array.from({ length: ITEMS }, body));
        expect(batch).toMatchObject({ status: "completed", succeeded: ITEMS, failed: 0 });
        expect(await list(kind)).toHaveLength(ITEMS);
      },
    );
  });

  it.for(["restart", "reply-lost"] as const)(
    "an import tells what became of each record, whenever the table restarts: %s",
    async (how, { expect }) => {
      const world = worldOfTest();
      let steps = 0;
      for (let isStruck = true; isStruck; steps += 1) {
        const fault = world.objects.fail({ how, binding: "TABLES", nth: steps + 1 });
        const [one, other] = [someUser(steps * 2), someUser(steps * 2 + 1)];
        const lines = [one, other, one].map((user) => JSON.stringify(user));
        const response = await send("/batch-process?operation=users&import=true", {
          method: "POST",
          headers: { ...AUTHORIZATION, "Content-Type": "application/x-ndjson" },
          body: lines.join("\n"),
        });
        const { id } = await response.json<{ id: string }>();
        await world.settled();
        await world.elapse(HOUR_MS);
        const { results } = await readResults(id);
        const codes = results.map((result) => codeOf(result) ?? "");
        expect(codes, `step ${steps}`).toEqual(["", "", "id-taken"]);
        isStruck = fault.struck > 0;
        fault.end();
      }
      expect(steps).toBeGreaterThan(3);
    },
  );
});
