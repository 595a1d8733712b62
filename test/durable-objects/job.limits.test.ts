// Costs of a job, counted: rows written, and requests and connections of each invocation.
import { AsyncLocalStorage } from "node:async_hooks";
import { runInDurableObject } from "cloudflare:test";
import { afterEach, describe, it, vi } from "vitest";
import type { DueItem } from "../../src/domain/jobs/job";
import { Job } from "../../src/durable-objects/job";
import { LaneTarget } from "../../src/durable-objects/lane-target";
import { redirect } from "../support/fake-outgoing";
import {
  fakeUpstreams,
  jobObject,
  readBatch,
  startBatch,
  submitJob,
  summaryOf,
  texts,
  urls,
  withoutBackoff,
  resultsOf,
} from "../support/jobs";
import { restoreWorld } from "../support/users";

afterEach(restoreWorld);

/** Outgoing requests of one invocation of a lane. */
interface Invocation {
  sent: number;
  waiting: number;
  mostWaiting: number;
}

/** Resolves after two turns of the event loop in which a count has not grown. */
async function untilQuiet(count: () => number): Promise<void> {
  let seen = -1;
  for (let turns = 0; turns < 2; turns += 1) {
    if (count() !== seen) turns = 0;
    seen = count();
    await scheduler.wait(0);
  }
}

/** Attributes every outgoing request to the invocation that it belongs to. */
function countRequests(answer: (url: URL) => Response | Promise<Response>) {
  const invocations: Invocation[] = [];
  const storage = new AsyncLocalStorage<Invocation>();
  const openLane: Job["openLane"] = Reflect.get(Job.prototype, "openLane");
  vi.spyOn(Job.prototype, "openLane").mockImplementation(function (this: Job, work) {
    const invocation = { sent: 0, waiting: 0, mostWaiting: 0 };
    invocations.push(invocation);
    const target = openLane.call(this, work);
    const run = target.run.bind(target);
    // A method of the prototype, since own properties of a target cannot be called from outside.
    class Counted extends LaneTarget {
      override run(due: DueItem): ReturnType<LaneTarget["run"]> {
        return storage.run(invocation, () => run(due));
      }
    }
    return new Counted(async () => ({ attempt: null, requests: 0 }));
  });
  fakeUpstreams(async ({ url }) => {
    const invocation = storage.getStore();
    if (invocation === undefined) return answer(url);
    invocation.sent += 1;
    invocation.waiting += 1;
    invocation.mostWaiting = Math.max(invocation.mostWaiting, invocation.waiting);
    // Whatever else would be sent meanwhile is.
    await untilQuiet(() => invocation.sent);
    invocation.waiting -= 1;
    return answer(url);
  });
  return invocations;
}

const most = (invocations: readonly Invocation[], key: "sent" | "mostWaiting") =>
  Math.max(...invocations.map((invocation) => invocation[key]));

describe("the invocations of a job", () => {
  const CALLS = { operation: "external-api" };

  it("together make as many calls at once as the batch wants, each of them six", async ({
    expect,
  }) => {
    const invocations = countRequests(() => Response.json(1));
    const options = { concurrency: 48 };
    const open = await submitJob(urls(600), { ...CALLS, options }, 100);
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 600 });
    expect(most(invocations, "mostWaiting")).toBe(6);
    expect(most(invocations, "sent")).toBeLessThanOrEqual(45);
    // Eight lanes, each relieved as often as it must be.
    expect(invocations.length).toBeGreaterThanOrEqual(Math.ceil(600 / 45));
    expect(invocations.length).toBeLessThanOrEqual(24);
  });

  it("make as few calls at once as the batch wants", async ({ expect }) => {
    const invocations = countRequests(() => Response.json(1));
    const options = { concurrency: 2, max_attempts: 1 };
    const open = await submitJob(urls(200), { ...CALLS, options }, 100);
    await open.job.run();
    expect(most(invocations, "mostWaiting")).toBe(2);
    expect(await summaryOf(open)).toMatchObject({ succeeded: 200 });
  });

  it.for(["GET", "POST"])(
    "send at most 45 requests where every %s is redirected and repeated",
    async (method, { expect }) => {
      withoutBackoff();
      const invocations = countRequests(({ pathname }) =>
        pathname === "/end" ? new Response("", { status: 500 }) : redirect(307, "/end"),
      );
      const items = urls(24).map((url) => ({ url, method, json: method === "POST" ? 1 : null }));
      const options = { concurrency: 6, max_attempts: 2 };
      const open = await submitJob(items, { ...CALLS, options }, 100);
      await open.job.run();
      expect(await summaryOf(open)).toMatchObject({ status: "completed", failed: 24 });
      expect(most(invocations, "sent")).toBeLessThanOrEqual(45);
      expect(most(invocations, "mostWaiting")).toBeLessThanOrEqual(6);
      const sent = invocations.reduce((sum, invocation) => sum + invocation.sent, 0);
      if (method === "POST") expect(sent).toBe(24 * 2 * 2);
    },
  );

  it("finish calls that are redirected as often as they may be", async ({ expect }) => {
    const invocations = countRequests((url) => {
      const left = Number(url.searchParams.get("left") ?? 5);
      return left === 0 ? Response.json(1) : redirect(302, `/?left=${left - 1}`);
    });
    const open = await submitJob(urls(36), CALLS, 100);
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 36 });
    expect(most(invocations, "sent")).toBeLessThanOrEqual(45);
    expect((await resultsOf(open)).every(({ attempts }) => attempts === 1)).toBe(true);
  });

  it("share six connections among sign-ups that need three queries each", async ({ expect }) => {
    const invocations = countRequests((url) => {
      const type = url.searchParams.get("type");
      return Response.json({
        Status: 0,
        Answer: type === "A" ? [{ type: 1, data: "192.0.2.1" }] : [],
      });
    });
    const people = texts(36).map((name, n) => ({ name, email: `person@domain-${n}.example` }));
    const open = await submitJob(people, { operation: "users" }, 12);
    await open.job.run();
    expect(await summaryOf(open)).toMatchObject({ status: "completed", succeeded: 36 });
    expect(most(invocations, "mostWaiting")).toBeLessThanOrEqual(6);
    expect(most(invocations, "sent")).toBeLessThanOrEqual(45);
  });
});

/** Counts the rows that all objects of this isolate write: in tables, in the key-value table, as alarms. */
function countRows(stub: DurableObjectStub): Promise<() => { written: number; read: number }> {
  return runInDurableObject(stub, (_, { storage }) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const sql: SqlStorage = Object.getPrototypeOf(storage.sql);
    const exec: SqlStorage["exec"] = Reflect.get(sql, "exec");
    vi.spyOn(sql, "exec").mockImplementation(function (this: SqlStorage, query, ...bindings) {
      const cursor = exec.call(this, query, ...bindings);
      cursors.push(cursor);
      return cursor;
    });
    const kv: SyncKvStorage = Object.getPrototypeOf(storage.kv);
    const alarms: DurableObjectStorage = Object.getPrototypeOf(storage);
    const single = [vi.spyOn(kv, "put"), vi.spyOn(kv, "delete"), vi.spyOn(alarms, "setAlarm")];
    return () => ({
      written: [
        ...cursors.map(({ rowsWritten }) => rowsWritten),
        ...single.map(({ mock }) => mock.calls.length),
      ].reduce((sum, rows) => sum + rows, 0),
      read: cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
    });
  });
}

it("10,000 texts cost at most 80 rows written, and not many more read", async ({ expect }) => {
  const count = await countRows(jobObject(crypto.randomUUID()));
  const { id } = await startBatch({ operation: "uppercase", items: texts(10_000) });
  expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 10_000 });
  const { written, read } = count();
  expect(written).toBeGreaterThan(20);
  expect(written).toBeLessThanOrEqual(80);
  expect(read).toBeLessThan(500);
});
