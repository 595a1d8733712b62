// ANONYMOUS_DAILY, through the front door.
import {
  listDurableObjectIds,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { Table } from "../../src/durable-objects/table";
import { expectProblem } from "../support/problem";
import { fakeDns, freshEmail, letTimePass, restoreWorld } from "../support/users";
import { waitFor } from "../support/wait-for";
import { AUTHORIZATION, post, send } from "../support/worker";

const NOON = Date.UTC(2040, 0, 10, 12);
const HALF_A_DAY_MS = 12 * 60 * 60_000;

beforeEach(() => {
  // Long before midnight, and later than now: no alarm rings by itself.
  vi.useFakeTimers({ toFake: ["Date"], now: NOON });
  fakeDns();
});
afterEach(async () => {
  restoreWorld();
  await reset();
});

const callers = () => env.TABLES.getByName("callers");
const daily = (ANONYMOUS_DAILY: string) => ({ ANONYMOUS_DAILY });
const from = (address: string) => ({ "CF-Connecting-IP": address });

const task = (vars: object, headers = from("192.0.2.1")) =>
  post("/tasks", { title: "Call Ada" }, headers, { ...vars });
const batch = (items: readonly unknown[], vars: object, operation = "uppercase") =>
  post("/batch-process", { operation, items }, from("192.0.2.1"), { ...vars });

/** All that is kept of callers, as JSON. */
function kept(): Promise<string> {
  return runInDurableObject(callers(), (_, { storage }) =>
    JSON.stringify([
      storage.sql.exec("SELECT * FROM callers").toArray(),
      storage.sql.exec("SELECT * FROM facts").toArray(),
    ]),
  );
}

describe("a budget that is spent", () => {
  it("refuses the caller until midnight, names itself, and does nothing", async ({ expect }) => {
    const vars = daily("items=2");
    for (const _ of [1, 2]) expect((await task(vars)).status).toBe(201);
    const create = vi.spyOn(Table.prototype, "create");
    const refused = await task(vars);
    const problem = await expectProblem(expect, refused, "quota-exceeded");
    expect(problem).toMatchObject({ quota: "items" });
    expect(problem.detail).toContain("of which 0 are left");
    expect(refused.headers.get("Retry-After")).toBe(String(HALF_A_DAY_MS / 1000));
    expect(create).not.toHaveBeenCalled();
    letTimePass(HALF_A_DAY_MS - 1);
    await expectProblem(expect, await task(vars), "quota-exceeded");
    letTimePass(1);
    expect((await task(vars)).status).toBe(201);
  });

  it("is that of the caller: an address, or a /64", async ({ expect }) => {
    const vars = daily("items=1");
    expect((await task(vars, from("2001:db8:1:2::1"))).status).toBe(201);
    const neighbour = await task(vars, from("2001:db8:1:2::2"));
    await expectProblem(expect, neighbour, "quota-exceeded");
    expect((await task(vars, from("2001:db8:1:3::1"))).status).toBe(201);
    expect((await task(vars, from("192.0.2.1"))).status).toBe(201);
  });

  it("may be that of all callers together", async ({ expect }) => {
    const vars = daily("items=2 total_items=3");
    for (const host of [1, 2, 3]) {
      expect((await task(vars, from(`192.0.2.${host}`))).status).toBe(201);
    }
    const problem = await expectProblem(
      expect,
      await task(vars, from("192.0.2.4")),
      "quota-exceeded",
    );
    expect(problem).toMatchObject({ quota: "total_items" });
  });

  it("is none for holders of a token, nor where it is off", async ({ expect }) => {
    expect((await task(daily("items=0"), { ...from("192.0.2.1"), ...AUTHORIZATION })).status).toBe(
      201,
    );
    expect((await task(daily("off"))).status).toBe(201);
    await expectProblem(expect, await task(daily("items=0")), "quota-exceeded");
  });

  it("leaves the key of a request free", async ({ expect }) => {
    const headers = { ...from("192.0.2.1"), "Idempotency-Key": crypto.randomUUID() };
    await expectProblem(expect, await task(daily("items=0"), headers), "quota-exceeded");
    const made = await task(daily("items=1"), headers);
    expect([made.status, made.headers.has("Idempotency-Replayed")]).toEqual([201, false]);
    const again = await task(daily("items=1"), headers);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  });
});

describe("what counts", () => {
  it("is users, tasks and items of batches, together", async ({ expect }) => {
    const vars = daily("items=5");
    const user = { name: "Ada", email: freshEmail() };
    expect((await post("/users", user, from("192.0.2.1"), vars)).status).toBe(201);
    expect((await task(vars)).status).toBe(201);
    await expectProblem(expect, await batch(["a", "b", "c", "d"], vars), "quota-exceeded");
    expect((await batch(["a", "b", "c"], vars)).status).toBe(202);
    await expectProblem(expect, await task(vars), "quota-exceeded");
  });

  it("is each submission of a batch", async ({ expect }) => {
    const vars = daily("batches=1");
    expect((await batch(["a"], vars)).status).toBe(202);
    const problem = await expectProblem(expect, await batch(["b"], vars), "quota-exceeded");
    expect(problem).toMatchObject({ quota: "batches" });
  });

  it("is each retry, with the items that it runs again", async ({ expect }) => {
    const settings = daily("batches=2 items=5");
    const submitted = await post(
      "/batch-process",
      {
        operation: "external-api",
        // None of them may be called.
        items: ["https://127.0.0.1/", "https://127.0.0.2/", "https://127.0.0.3/"],
      },
      { ...from("192.0.2.1"), Prefer: "wait=20" },
      settings,
    );
    const { id, failed }: { id: string; failed: number } = await submitted.json();
    expect(failed).toBe(3);
    const retry = (vars: object) =>
      send(
        `/batch-process/${id}/retry`,
        { method: "POST", headers: from("192.0.2.1") },
        { ...vars },
      );
    const problem = await expectProblem(expect, await retry(settings), "quota-exceeded");
    expect(problem).toMatchObject({ quota: "items" });
    expect((await retry(daily("batches=2 items=6"))).status).toBe(202);
    const byToken = { method: "POST", headers: AUTHORIZATION };
    await waitFor(async () => {
      const again = await send(`/batch-process/${id}/retry`, byToken, daily("batches=0"));
      expect(again.status).toBe(202);
    });
  });

  it("is each call, of requests and of batches", async ({ expect }) => {
    const vars = daily("calls=3");
    vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response("x"));
    const calls = (count: number) =>
      post(
        "/external-api",
        { urls: Array.from({ length: count }, (_, n) => `https://a.example/${n}`) },
        from("192.0.2.1"),
        vars,
      );
    expect((await calls(2)).status).toBe(200);
    const problem = await expectProblem(expect, await calls(2), "quota-exceeded");
    expect(problem).toMatchObject({ quota: "calls" });
    const url = "https://127.0.0.1/";
    await expectProblem(expect, await batch([url, url], vars, "external-api"), "quota-exceeded");
    expect((await calls(1)).status).toBe(200);
  });

  it("is nothing that is refused for how it is written", async ({ expect }) => {
    const vars = daily("batches=1 items=1");
    const headers = from("192.0.2.1");
    await expectProblem(expect, await post("/tasks", {}, headers, vars), "invalid-body");
    const bad = await batch([{ title: 1 }], vars, "tasks");
    await expectProblem(expect, bad, "invalid-body");
    expect((await batch(["a"], vars)).status).toBe(202);
  });

  it("is no task that names what is not there", async ({ expect }) => {
    const vars = daily("items=1");
    for (const names of [{ notify: ["nope"] }, { assignee_id: crypto.randomUUID() }]) {
      const refused = await post("/tasks", { title: "Call", ...names }, from("192.0.2.1"), vars);
      await expectProblem(expect, refused, "invalid-body");
    }
    expect((await task(vars)).status).toBe(201);
  });

  it("is neither reading, steering, nor what is done within the request", async ({ expect }) => {
    const submitted = await batch(["a"], daily("batches=1"));
    const { id }: { id: string } = await submitted.json();
    const spend = vi.spyOn(Table.prototype, "spend");
    for (const path of ["", "/results", "/events"]) {
      await (await send(`/batch-process/${id}${path}`, {}, daily("batches=0 items=0"))).text();
    }
    const removed = await send(
      `/batch-process/${id}`,
      { method: "DELETE" },
      daily("batches=0 items=0"),
    );
    expect(removed.status).toBe(204);
    const data = { operation: "uppercase", items: ["a"] };
    expect((await post("/process-data", data, {}, daily("items=0"))).status).toBe(200);
    expect(spend).not.toHaveBeenCalled();
  });
});

it("Nothing is written for what is refused, with a key or without", async ({ expect }) => {
  const headers = { ...from("192.0.2.1"), "Idempotency-Key": crypto.randomUUID() };
  const vars = daily("items=0 batches=0");
  const jobs = await listDurableObjectIds(env.JOBS);
  await expectProblem(expect, await task(vars, headers), "quota-exceeded");
  const request = { operation: "tasks", items: [{ title: "x" }] };
  const spent = await post("/batch-process", request, headers, vars);
  await expectProblem(expect, spent, "quota-exceeded");
  const wrong = { operation: "tasks", items: [{}] };
  const refused = await post("/batch-process", wrong, headers, daily("items=9"));
  await expectProblem(expect, refused, "invalid-body");
  for (const name of ["tasks", "batches"]) {
    const keys = await runInDurableObject(env.TABLES.getByName(name), (_, { storage }) =>
      storage.sql.exec("SELECT * FROM idempotency_keys").toArray(),
    );
    expect(keys).toEqual([]);
  }
  expect(await listDurableObjectIds(env.JOBS)).toHaveLength(jobs.length);
});

describe("what is kept", () => {
  it("tells nothing of an address, and is thrown away with its day", async ({ expect }) => {
    await task(daily("items=9"), from("192.0.2.77"));
    const before = await kept();
    expect(before).not.toContain("192.0.2");
    expect(before).toMatch(/"caller":"[0-9a-f]{64}"/);
    letTimePass(HALF_A_DAY_MS);
    expect(await runDurableObjectAlarm(callers())).toBe(true);
    expect(await kept()).toBe('[[],[{"name":"fill","value":"{\\"done\\":true}"}]]');
    // No day, no alarm.
    expect(await runDurableObjectAlarm(callers())).toBe(false);
    await task(daily("items=9"), from("192.0.2.77"));
    const after = await kept();
    const hashes = (json: string) => json.match(/[0-9a-f]{64}/g);
    expect(hashes(after)).not.toEqual(hashes(before));
  });

  it("costs one request of an object a submission", async ({ expect }) => {
    const spend = vi.spyOn(Table.prototype, "spend");
    await batch(
      Array.from({ length: 5000 }, () => "a"),
      daily("items=9999"),
    );
    await task(daily("items=9999"));
    expect(spend.mock.calls.map(([, uses]) => uses)).toEqual([
      { batches: 1, items: 5000 },
      { items: 1 },
    ]);
  });
});

it("Nothing is opened while what was used cannot be asked for", async ({ expect }) => {
  const overloaded = Object.assign(new Error("overloaded"), { overloaded: true });
  vi.spyOn(Table.prototype, "spend").mockRejectedValue(overloaded);
  const create = vi.spyOn(Table.prototype, "create");
  const refused = await task(daily("items=9"));
  await expectProblem(expect, refused, "unavailable");
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
  expect(create).not.toHaveBeenCalled();
});

it("A name that is misspelt is one clear error, and opens nothing", async ({ expect }) => {
  const log = vi.spyOn(console, "error").mockReturnValue();
  await expectProblem(expect, await task(daily("itms=9")), "internal");
  expect(log.mock.calls.join("")).toContain(
    'ANONYMOUS_DAILY: \\"itms\\" is no budget; is it items?',
  );
});
