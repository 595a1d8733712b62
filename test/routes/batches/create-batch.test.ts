// POST /batch-process with a JSON body: what is taken, what is refused, what comes back.
import { evictDurableObject } from "cloudflare:test";
import * as v from "valibot";
import { afterEach, describe, it, vi } from "vitest";
import { Job } from "../../../src/durable-objects/job";
import { BatchReply } from "../../../src/domain/batches/batch";
import { createBatchRoute } from "../../../src/routes/batches/create-batch";
import {
  fakeUpstreams,
  readBatch,
  readResults,
  startBatch,
  texts,
  urls,
  withoutBackoff,
} from "../../support/jobs";
import { registerObject } from "../../support/register";
import { expectProblem } from "../../support/problem";
import { fakeDns, freshEmail, restoreWorld } from "../../support/users";
import { AUTHORIZATION, post, send } from "../../support/worker";
import { codeOf, outputOf } from "../../support/results";

afterEach(restoreWorld);

const UPPERCASE = { operation: "uppercase", items: ["a", "b"] };
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe("a batch", () => {
  it("is answered with 202 and where to find it, and then runs by itself", async ({ expect }) => {
    const response = await post("/batch-process", UPPERCASE);
    expect(response.status).toBe(202);
    expect(response.headers.get("Retry-After")).toBe("1");
    expect(response.headers.get("Server-Timing")).toMatch(/^total;dur=/);
    const batch = v.parse(createBatchRoute.reply.schema, await response.json());
    expect(batch).toMatchObject({ operation: "uppercase", status: "queued", total: 2, pending: 2 });
    expect(batch.id).toMatch(UUID_V4);
    expect(response.headers.get("Location")).toBe(`/batch-process/${batch.id}`);
    expect(batch.links["self"]).toBe(response.headers.get("Location"));

    expect(await readBatch(batch.id)).toMatchObject({ status: "completed", succeeded: 2 });
    expect(await readResults(batch.id)).toEqual({
      status: "completed",
      pending: 0,
      results: [
        { index: 0, status: "succeeded", output: "A", attempts: 1 },
        { index: 1, status: "succeeded", output: "B", attempts: 1 },
      ],
      next_cursor: null,
    });
  });

  it("is there for whoever has its id, after its object was evicted", async ({ expect }) => {
    const { id } = await startBatch(UPPERCASE);
    await evictDurableObject(registerObject());
    const closed = await send(`/batch-process/${id}`, {}, { PUBLIC_ENDPOINTS: "" });
    expect(closed.status).toBe(200);
    const shouted = await send(`/batch-process/${id.toUpperCase()}/results`);
    expect(shouted.status).toBe(200);
  });

  it("calls APIs, with repeats, each call failing alone", async ({ expect }) => {
    withoutBackoff();
    fakeUpstreams(({ n, count }) => {
      if (n === 3) return new Response("", { status: 503 });
      return count === 1 ? new Response("", { status: 500 }) : Response.json({ n });
    });
    const { id } = await startBatch({ operation: "external-api", items: urls(5) });
    const { results } = await readResults(id);
    expect(results.map(({ status, attempts }) => [status, attempts])).toEqual([
      ["succeeded", 2],
      ["succeeded", 1],
      ["succeeded", 1],
      ["failed", 3],
      ["succeeded", 1],
    ]);
    expect(results[3]).toMatchObject({ error: { code: "upstream-status" } });
  });

  it("signs people up, each once", async ({ expect }) => {
    fakeDns();
    const emails = [freshEmail(), freshEmail(), freshEmail()];
    const items = [...emails, emails[0]].map((email) => ({ name: "Ada", email }));
    const { id } = await startBatch({ operation: "users", items });
    const { results } = await readResults(id);
    expect(results.filter(({ status }) => status === "succeeded")).toHaveLength(3);
    expect(results.flatMap((result) => codeOf(result) ?? [])).toEqual(["email-taken"]);
    const list = await send("/users", { headers: AUTHORIZATION });
    const listed = await list.text();
    for (const email of emails) expect(listed.split(email)).toHaveLength(2);
  });
});

describe("Prefer: wait", () => {
  const wait = (seconds: number | string) => ({ Prefer: `wait=${seconds}` });

  it("brings the finished batch with its results", async ({ expect }) => {
    const response = await post("/batch-process", UPPERCASE, wait(5));
    expect(response.status).toBe(200);
    expect(response.headers.get("Preference-Applied")).toBe("wait=5");
    expect(response.headers.get("Location")).toMatch(/^\/batch-process\//);
    const batch = v.parse(BatchReply, await response.json());
    expect(batch).toMatchObject({ status: "completed", succeeded: 2, next_cursor: null });
    expect(batch.results?.map(outputOf)).toEqual(["A", "B"]);
  });

  it("waits 25 seconds at most, and says so", async ({ expect }) => {
    const response = await post("/batch-process", UPPERCASE, wait(1000));
    expect(response.headers.get("Preference-Applied")).toBe("wait=25");
  });

  it("answers 202 where the time does not suffice", async ({ expect }) => {
    const gate = Promise.withResolvers<Response>();
    fakeUpstreams(() => gate.promise);
    const summary: Job["summary"] = Reflect.get(Job.prototype, "summary");
    vi.spyOn(Job.prototype, "summary").mockImplementation(function (this: Job) {
      const read = Reflect.apply(summary, this, []);
      // The call ends once the reply's state was read: the test waits for the batch.
      gate.resolve(Response.json(1));
      return read;
    });
    const response = await post(
      "/batch-process",
      { operation: "external-api", items: urls(1) },
      wait(0),
    );
    expect(response.status).toBe(202);
    expect(response.headers.has("Preference-Applied")).toBe(false);
    const batch = v.parse(BatchReply, await response.json());
    expect(batch.results).toBeUndefined();
    // As it is now, not as it was before the wait.
    expect(batch.status).toBe("running");
  });

  it("brings as many results as fit, and where they go on", async ({ expect }) => {
    const items = texts(100).map((text) => `${text} ${"x".repeat(10_000)}`);
    const response = await post("/batch-process", { operation: "uppercase", items }, wait(5));
    const batch = v.parse(BatchReply, await response.json());
    expect(response.headers.get("Link")).toBe(
      `<https://api.example/batch-process/${batch.id}/results?cursor=${batch.next_cursor}>; rel="next"`,
    );
    const inline = batch.results ?? [];
    expect(inline.length).toBeGreaterThan(70);
    expect(inline.length).toBeLessThan(92);
    const rest = await readResults(batch.id, `?limit=1000&cursor=${batch.next_cursor}`);
    expect([...inline, ...rest.results].map(({ index }) => index)).toEqual(
      items.map((_, index) => index),
    );
  });
});

describe("a body", () => {
  const refusedPointers = async (body: unknown) => {
    const problem = JSON.parse(await (await post("/batch-process", body)).text());
    return v
      .parse(v.array(v.object({ pointer: v.string() })), problem.errors)
      .map(({ pointer }) => pointer);
  };

  it("is refused with every bad item at once", async ({ expect }) => {
    const items = [
      { name: "Ada", email: "ada@example.com" },
      { name: "", email: "nobody" },
      "ada@example.com",
      { name: "Ada", email: "ada@example.com", age: -1, shoe: 43 },
    ];
    expect(await refusedPointers({ operation: "users", items })).toEqual([
      "#/items/1/name",
      "#/items/1/email",
      "#/items/2",
      "#/items/3/age",
      "#/items/3/shoe",
    ]);
    expect(
      await refusedPointers({ operation: "external-api", items: ["https://a.example/", "nope"] }),
    ).toEqual(["#/items/1"]);
  });

  it("is refused with the place of what is wrong with its operation and options", async ({
    expect,
  }) => {
    expect(await refusedPointers({ operation: "upercase", items: [1] })).toEqual(["#/operation"]);
    expect(await refusedPointers({ operation: { name: "truncate" }, items: [1] })).toEqual([
      "#/operation/length",
    ]);
    expect(await refusedPointers({ operation: "unique", items: [1] })).toEqual(["#/operation"]);
    const options = { concurrency: 49, nope: 1 };
    expect(await refusedPointers({ ...UPPERCASE, options })).toEqual([
      "#/options/concurrency",
      "#/options/nope",
    ]);
    expect(await refusedPointers({ items: [1] })).toEqual(["#/operation"]);
  });

  it("holds 1 to 10,000 items", async ({ expect }) => {
    expect(await refusedPointers({ operation: "trim", items: [] })).toEqual(["#/items"]);
    expect(await refusedPointers({ operation: "trim", items: Array(10_001).fill("a") })).toEqual([
      "#/items",
    ]);
    const { id } = await startBatch({ operation: "trim", items: Array(10_000).fill("a") });
    expect(await readBatch(id)).toMatchObject({ total: 10_000, status: "completed" });
  });

  it("may hold 10 MiB, and an item half a million characters", async ({ expect }) => {
    const full = { operation: "length", items: Array(20).fill("x".repeat(524_000)) };
    const { id } = await startBatch(full);
    expect(await readBatch(id)).toMatchObject({ status: "completed", succeeded: 20 });
    expect(await refusedPointers({ operation: "length", items: ["x".repeat(525_000)] })).toEqual([
      "#/items/0",
    ]);
  });

  it("may not be nested without end", async ({ expect }) => {
    const body = `{"operation":"trim","items":[${"[".repeat(300)}${"]".repeat(300)}]}`;
    const headers = { "Content-Type": "application/json" };
    const response = await send("/batch-process", { method: "POST", headers, body });
    await expectProblem(expect, response, "body-too-large");
  });

  it("keeps an item that is nested too deeply for its operation from the others", async ({
    expect,
  }) => {
    const deep: unknown = JSON.parse(`${"[".repeat(200)}${"]".repeat(200)}`);
    const { id } = await startBatch({ operation: "json_stringify", items: [1, deep, "a"] });
    expect((await readResults(id)).results.map(({ status }) => status)).toEqual([
      "succeeded",
      "failed",
      "succeeded",
    ]);
  });
});

describe("access", () => {
  const onlyBatches = { PUBLIC_ENDPOINTS: "batch-process" };

  it.for([
    ["users", [{ name: "Ada", email: "ada@example.com" }]],
    ["external-api", ["https://up.example/"]],
  ] as const)(
    "without a token needs %s to be public too",
    async ([operation, items], { expect }) => {
      const body = { operation, items };
      await expectProblem(
        expect,
        await post("/batch-process", body, {}, onlyBatches),
        "unauthorized",
      );
      fakeUpstreams(() => Response.json({ Status: 0 }));
      const withToken = await post("/batch-process", body, AUTHORIZATION, onlyBatches);
      expect(withToken.status).toBe(202);
    },
  );

  it("without a token needs nothing more for pure operations", async ({ expect }) => {
    expect((await post("/batch-process", UPPERCASE, {}, onlyBatches)).status).toBe(202);
    await expectProblem(
      expect,
      await post("/batch-process", UPPERCASE, {}, { PUBLIC_ENDPOINTS: "users" }),
      "unauthorized",
    );
  });

  it("without a token does not reach upstreams that are not public", async ({ expect }) => {
    const vars = { UPSTREAMS: { up: { base_url: "https://up.example" } } };
    const body = { operation: "external-api", items: [{ upstream: "up", path: "/" }] };
    await expectProblem(expect, await post("/batch-process", body, {}, vars), "invalid-body");
  });
});

describe("Idempotency-Key", () => {
  const key = () => ({ "Idempotency-Key": crypto.randomUUID() });

  it("starts one batch, however often it is sent", async ({ expect }) => {
    const headers = key();
    const first = await post("/batch-process", UPPERCASE, headers);
    const again = await post("/batch-process", UPPERCASE, headers);
    expect(again.status).toBe(202);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(again.headers.get("Location")).toBe(first.headers.get("Location"));
    expect(await again.json()).toEqual(await first.json());
  });

  it("brings the waited-for results again", async ({ expect }) => {
    const headers = { ...key(), Prefer: "wait=5" };
    const items = texts(10_000);
    const first = await startBatch({ operation: "uppercase", items }, headers);
    const again = await startBatch({ operation: "uppercase", items }, headers);
    expect(first.results?.length).toBe(1000);
    expect(again).toEqual(first);
  });

  it("does not start another batch", async ({ expect }) => {
    const headers = key();
    await post("/batch-process", UPPERCASE, headers);
    const other = await post("/batch-process", { ...UPPERCASE, items: ["c"] }, headers);
    await expectProblem(expect, other, "idempotency-mismatch");
  });
});
