// Cancelling a batch whose last items are still under way.
import { it } from "vitest";
import { cancelToEnd } from "../../src/cli/cancel-to-end";
import { eventStream, fakeClient, streamOf } from "../support/client";

const ENDING = { id: "b1", status: "cancelled", total: 5, pending: 4, finished_at: null };
const OVER = { ...ENDING, pending: 2, finished_at: "2026-01-01T00:00:00.000Z" };

it("waits until what was under way is in", async ({ expect }) => {
  const { client, calls } = fakeClient(({ method }) =>
    method === "POST"
      ? Response.json(ENDING)
      : eventStream(streamOf([`event: end\ndata: ${JSON.stringify(OVER)}\n\n`])),
  );

  expect(await cancelToEnd(client.batchById("b1"), {})).toEqual(OVER);
  expect(calls.map(({ method }) => method)).toEqual(["POST", "GET"]);
});

it("has nothing to wait for when nothing was under way", async ({ expect }) => {
  const { client, calls } = fakeClient(() => Response.json(OVER));

  expect(await cancelToEnd(client.batchById("b1"), {})).toEqual(OVER);
  expect(calls).toHaveLength(1);
});
