// Steering a batch whose object restarts once it has done what it was asked: what is told is what was done.
import { it } from "vitest";
import { DAY_MS, startBatch } from "../support/jobs";
import { call, onTheRealPlatform, textIn } from "./platforms";

/** Requests to a batch that waits for its time, each with what comes before it. */
const REQUESTS = [
  { request: "pause", before: [], method: "POST", path: "/pause", status: 200 },
  { request: "resume", before: ["pause"], method: "POST", path: "/resume", status: 200 },
  { request: "cancel", before: [], method: "POST", path: "/cancel", status: 200 },
  { request: "retry", before: ["cancel"], method: "POST", path: "/retry", status: 202 },
  { request: "PATCH", before: [], method: "PATCH", path: "", status: 200 },
  { request: "DELETE", before: [], method: "DELETE", path: "", status: 204 },
];

onTheRealPlatform((worldOfTest) => {
  it.for(REQUESTS)(
    "a batch is steered once by $request of a version, whichever reply is lost",
    async ({ before, method, path, status }, { expect }) => {
      const world = worldOfTest();
      let steps = 0;
      for (let isStruck = true; isStruck; steps += 1) {
        const options = { start_at: new Date(Date.now() + DAY_MS).toISOString() };
        const { id } = await startBatch({ operation: "trim", items: ["a"], options });
        const url = `/batch-process/${id}`;
        for (const action of before) await textIn(await call("POST", `${url}/${action}`), 200);
        await world.settled();
        const shown = await call("GET", url);
        await shown.text();
        const fault = world.objects.fail({ how: "reply-lost", binding: "JOBS", nth: steps + 1 });
        const body = method === "PATCH" ? { options: { concurrency: 2 } } : undefined;
        const tag = shown.headers.get("ETag") ?? "";
        const response = await call(method, url + path, body, { "If-Match": tag });
        expect(response.status, `step ${steps}: ${await response.text()}`).toBe(status);
        await world.settled();
        isStruck = fault.struck > 0;
        fault.end();
      }
      expect(steps).toBeGreaterThan(1);
    },
  );
});
