// Walks through lists that change meanwhile, and searches through more rows than one page looks through.
import { reset } from "cloudflare:test";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, it } from "vitest";
import { MAX_SCANNED_ROWS } from "../../src/storage/record-table";
import { FRIENDLY, simulate, type World } from "../simulator";
import { insertTasks, insertUsers, readPage, someTask, someUser } from "../support/records";
import { file, receive, removeTask, stopAlarms } from "../support/tasks";
import { expectProblem } from "../support/problem";
import { read, restoreWorld } from "../support/users";

/** Changes between two pages: tasks that are filed, and positions of tasks that are deleted. */
interface Meanwhile {
  readonly filed: number;
  readonly deleted: readonly number[];
}

describe("a walk through a list that changes", () => {
  beforeEach(() => {
    stopAlarms();
    receive();
  });
  afterEach(async () => {
    restoreWorld();
    await reset();
  });

  const COUNT = 60;
  const meanwhile: fc.Arbitrary<Meanwhile[]> = fc.array(
    fc.record({ filed: fc.nat(2), deleted: fc.array(fc.nat(COUNT - 1), { maxLength: 4 }) }),
    { minLength: 30, maxLength: 30 },
  );

  it.for([
    ["newest first", "order=desc"],
    ["oldest first", "order=asc"],
    ["under a filter", "order=desc&status=pending,done&priority=low,medium"],
    ["by a search", "order=desc&q=task"],
  ] as const)("repeats and loses nothing, %s", async ([, query], { expect }) => {
    await fc.assert(
      fc.asyncProperty(meanwhile, fc.integer({ min: 3, max: 9 }), async (steps, limit) => {
        await reset();
        const tasks = Array.from({ length: COUNT }, (_, n) => someTask(n));
        await insertTasks(tasks);
        const left = new Set(tasks.map(({ id }) => id));
        const [seen, added]: [string[], string[]] = [[], []];
        for (let [cursor, page]: [string | null, number] = ["", 0]; cursor !== null; page += 1) {
          const { ids, next } = await readPage(`/tasks?${query}&limit=${limit}&cursor=${cursor}`);
          seen.push(...ids);
          cursor = next;
          const { filed = 0, deleted = [] } = steps[page] ?? {};
          for (let n = 0; n < filed; n += 1) added.push((await file({ title: "New task" })).id);
          // The task that the cursor points at is among them now and then.
          const last = page % 2 === 0 ? ids.at(-1) : undefined;
          for (const id of [last, ...deleted.map((n) => tasks[n]?.id)]) {
            if (id !== undefined && (await removeTask(id)).status === 204) left.delete(id);
          }
        }
        expect(new Set(seen).size).toBe(seen.length);
        expect([...left].filter((id) => !seen.includes(id))).toEqual([]);
        // Tasks filed meanwhile appear on a new first page, or at the end of a walk that began with the
        // oldest.
        const isFromOldest = query === "order=asc";
        if (!isFromOldest) expect(seen.filter((id) => added.includes(id))).toEqual([]);
        const order = tasks.map(({ id }) => id).filter((id) => seen.includes(id));
        const old = seen.filter((id) => !added.includes(id));
        expect(old).toEqual(isFromOldest ? order : order.toReversed());
      }),
      { numRuns: 5 },
    );
  });
});

describe("a search", () => {
  let world: World;
  beforeEach(() => (world = simulate(FRIENDLY)));
  afterEach(() => world.end());

  /** Users of whom these are called Needle. */
  async function hide(count: number, needles: readonly number[]) {
    const users = Array.from({ length: count }, (_, n) =>
      someUser(n, needles.includes(n) ? { name: `Needle ${n}` } : {}),
    );
    await readPage("/users"); // The table is there, and filled.
    await insertUsers(users);
    return users.map(({ id }) => id);
  }

  it("looks through 20,000 rows a page, and says where it goes on", async ({ expect }) => {
    const ids = await hide(2 * MAX_SCANNED_ROWS + 5000, [44_999, 20_000, 3]);
    const pages: string[][] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      world.resetCounts();
      const page = await readPage(`/users?q=needle&cursor=${cursor}`);
      expect(world.counts("TABLES").rowsRead).toBeLessThanOrEqual(MAX_SCANNED_ROWS + 10);
      pages.push(page.ids);
      cursor = page.next;
    }
    expect(pages).toEqual([[ids[44_999]], [ids[20_000]], [ids[3]]]);
    world.resetCounts();
    const nobody = await readPage("/users?q=nobody-at-all&limit=1");
    expect(nobody).toMatchObject({ ids: [], next: expect.any(String) });
  });

  it("of just as many rows as a page looks through ends there, or on an empty page", async ({
    expect,
  }) => {
    const ids = await hide(MAX_SCANNED_ROWS, [0]);
    const { ids: found, next } = await readPage("/users?q=needle");
    expect(found).toEqual([ids[0]]);
    if (next !== null) {
      expect(await readPage(`/users?q=needle&cursor=${next}`)).toEqual({ ids: [], next: null });
    }
  });
});

describe("the cursor of a list", () => {
  afterEach(async () => {
    restoreWorld();
    await reset();
  });

  it("is none of another list's, and holds however its filters are spelt", async ({ expect }) => {
    await insertTasks([1, 2, 3].map((n) => someTask(n)));
    const { next: bare } = await readPage("/tasks?limit=1");
    for (const path of ["/users", "/batch-process", "/notifications"]) {
      const refused = await read(`${path}?cursor=${bare}`);
      await expectProblem(expect, refused, "malformed-request");
    }
    const { next } = await readPage("/tasks?limit=1&priority=low,medium,high");
    const { ids } = await readPage(`/tasks?limit=1&priority=high,medium,low,low&cursor=${next}`);
    expect(ids).toHaveLength(1);
  });
});
