// Requests whose reply from an object is lost on the way: the second try, of which nobody knows, changes nothing more.
import { describe, it } from "vitest";
import { post } from "../support/worker";
import { call, onTheRealPlatform, textIn } from "./platforms";

const BATCH = { operation: "uppercase", items: ["a"] };

onTheRealPlatform((worldOfTest) => {
  describe("a lost reply", () => {
    it("makes nobody pay twice", async ({ expect }) => {
      const world = worldOfTest();
      const fault = world.objects.fail({ how: "reply-lost", method: "spend" });
      const submit = () => post("/batch-process", BATCH, {}, { ANONYMOUS_DAILY: "batches=2" });
      const statuses: number[] = [];
      for (let n = 0; n < 3; n += 1) {
        const response = await submit();
        await response.text();
        statuses.push(response.status);
      }
      expect(fault.struck).toBe(1);
      expect(statuses).toEqual([202, 202, 429]);
    });

    it("leaves a notification cancelled as it was asked for", async ({ expect }) => {
      const world = worldOfTest();
      world.answer(() => new Response(null, { status: 500 }));
      const task = { title: "Call back", notify: ["hook"] };
      const { id }: { id: string } = JSON.parse(
        await textIn(await call("POST", "/tasks", task), 201),
      );
      await world.settled();
      const list = await textIn(await call("GET", `/notifications?record_id=${id}`), 200);
      const { notifications }: { notifications: { id: string }[] } = JSON.parse(list);
      const fault = world.objects.fail({ how: "reply-lost", method: "cancel" });
      const path = `/notifications/${notifications[0]?.id}`;
      await textIn(await call("DELETE", path), 204);
      expect(fault.struck).toBe(1);
      await textIn(await call("DELETE", path), 409);
    });
  });
});
