// Removing many batches: bounded, oldest first, and told honestly where it breaks off.
import { describe, it } from "vitest";
import { toListed } from "../../../src/domain/batches/register";
import {
  MAX_REMOVED,
  removeBatches,
  type RemovalDeps,
} from "../../../src/domain/batches/remove-batches";

const REMOVAL = { status: ["completed"], createdBefore: 1 } as const;

function entry(id: number): string {
  const at = "2026-01-01T00:00:00.000Z";
  return JSON.stringify({
    id: String(id),
    label: null,
    metadata: {},
    operation: "trim",
    status: "completed",
    reason: null,
    run: 1,
    then: null,
    total: 1,
    succeeded: 1,
    failed: 0,
    failed_by_code: {},
    pending: 0,
    created_at: at,
    started_at: at,
    finished_at: at,
    expires_at: at,
    links: {},
    version: 1,
  });
}

/** A register of so many batches, whose jobs are removed as `removeJob` says. */
function registerOf(count: number, removeJob: RemovalDeps["removeJob"]) {
  const listed = new Map(Array.from({ length: count }, (_, id) => [String(id), entry(id)]));
  const deps: RemovalDeps = {
    requestId: "request",
    removeJob,
    register: {
      page: async ({ after, limit }) => {
        const left = [...listed].filter(([id]) => after === null || Number(id) > after);
        const records = left.slice(0, limit).map(([, json]) => json);
        const last = records.at(-1);
        const next = left.length > limit && last !== undefined ? Number(toListed(last).id) : null;
        return { records, next };
      },
      // Those of odd hundreds are kept whole.
      removeKept: async (ids) =>
        ids.map((id) => (Number(id) % 200 < 100 ? null : listed.delete(id))),
      watch: async () => undefined,
      unlist: async (ids) => ids.filter((id) => listed.delete(id)).length,
    },
  };
  return { listed, deps };
}

describe("a removal", () => {
  it("is bounded, begins with the oldest, and goes on when it is repeated", async ({ expect }) => {
    const { listed, deps } = registerOf(MAX_REMOVED + 30, async () => true);
    expect(await removeBatches(REMOVAL, deps)).toBe(MAX_REMOVED);
    expect([...listed.keys()][0]).toBe(String(MAX_REMOVED));
    expect(await removeBatches(REMOVAL, deps)).toBe(30);
    expect(await removeBatches(REMOVAL, deps)).toBe(0);
  });

  it("passes over batches that are in another state by now", async ({ expect }) => {
    const { listed, deps } = registerOf(120, async (id) => Number(id) % 2 === 0);
    expect(await removeBatches(REMOVAL, deps)).toBe(70);
    expect(listed.size).toBe(50);
  });

  it("keeps listed what it could not remove, and unlists what it could", async ({ expect }) => {
    const { listed, deps } = registerOf(10, async (id) => {
      if (id === "3") throw new Error("Overloaded");
      return true;
    });
    await expect(removeBatches(REMOVAL, deps)).rejects.toThrow("Overloaded");
    expect([...listed.keys()]).toEqual(["3"]);
  });
});
