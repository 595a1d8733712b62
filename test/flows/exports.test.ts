// Exports of a large table are whole, or visibly broken off.
import { exports } from "cloudflare:workers";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { World } from "../simulator";
import { idOf } from "../support/many-rows";
import { AUTHORIZATION, ORIGIN } from "../support/worker";
import { simulateLarge, USER_COUNT } from "./many-records";

let world: World;
beforeAll(async () => {
  world = await simulateLarge("users");
});
afterAll(() => world.end());

/** Reads an export as it comes. The ids of its whole lines so far, and the error that broke it off, or null. */
async function readExport(mediaType: string) {
  // Not by `send`: it would hold all of it.
  const headers = { ...AUTHORIZATION, Accept: mediaType };
  const { status, body } = await exports.default.fetch(`${ORIGIN}/users`, { headers });
  const ids: string[] = [];
  let [rest, error]: [string, unknown] = ["", null];
  try {
    for await (const text of (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      ids.push(...lines.flatMap((line) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(line)?.[0] ?? []));
    }
  } catch (thrown) {
    error = thrown;
  }
  return { status, ids, rest, error };
}

describe.each(["application/x-ndjson", "text/csv"])("an export as %s", (mediaType) => {
  it("of 200,000 users is whole", async ({ expect }) => {
    world.resetCounts();
    const { status, ids, rest, error } = await readExport(mediaType);
    expect({ status, rest, error }).toEqual({ status: 200, rest: "", error: null });
    expect(ids).toHaveLength(USER_COUNT);
    expect(ids[0]).toBe(idOf(USER_COUNT - 1));
    expect(ids.findIndex((id, at) => id !== idOf(USER_COUNT - 1 - at))).toBe(-1);
    expect(world.counts("TABLES").rowsRead).toBeLessThan(USER_COUNT * 1.01);
    expect(world.counts("TABLES").objectRequests).toBeLessThan(50);
  });

  it("of 200,000 users is whole although the table restarts in its midst", async ({ expect }) => {
    const lost = world.objects.fail({ how: "reply-lost", method: "page", nth: 5 });
    const gone = world.objects.fail({ how: "restart", method: "page", nth: 9 });
    const { ids, error } = await readExport(mediaType);
    expect([lost.struck, gone.struck, error]).toEqual([1, 1, null]);
    expect(new Set(ids).size).toBe(USER_COUNT);
    expect(ids).toHaveLength(USER_COUNT);
  });

  it.for(["restart", "overloaded", "over-quota"] as const)(
    "is broken off for all to see where the table is lost for good: %s",
    async (how, { expect }) => {
      const fault = world.objects.fail({ how, method: "page", nth: 5, times: Infinity });
      const { status, ids, error } = await readExport(mediaType);
      fault.end();
      expect(status).toBe(200);
      expect(ids.length).toBeGreaterThan(0);
      expect(ids.length).toBeLessThan(USER_COUNT);
      expect(error).toBeInstanceOf(Error);
    },
  );
});
