// One attempt at each of a chunk's items: whatever one of them does, the others come to their end.
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, it, vi } from "vitest";
import { MAX_REQUESTS_PER_INVOCATION } from "../../../src/domain/batches/request-budget";
import { runEndpointItems } from "../../../src/domain/batches/run-endpoint-items";
import type { Attempt, Made } from "../../../src/domain/jobs/job";
import { Table } from "../../../src/durable-objects/table";
import { createEndpointDeps } from "../../../src/runtime/batch-deps";
import type { BatchWork } from "../../../src/domain/batches/job-record";
import { dueOf, inShort } from "../../support/attempts";
import { silence } from "../../support/fake-outgoing";
import { batchWork, fakeUpstreams, urls } from "../../support/jobs";
import { fakeDns, freshEmail, readUser, restoreWorld } from "../../support/users";

afterEach(restoreWorld);

/** One attempt at each item, in their order; undefined where none was made. */
async function attemptAll(
  work: BatchWork,
  items: readonly unknown[],
  vars: Env = env,
): Promise<(Attempt | undefined)[]> {
  const all: (readonly [number, Attempt])[] = [];
  const report = async (made: Made) => {
    all.push(...made);
    return true;
  };
  const ctx = createExecutionContext();
  all.push(
    ...(await runEndpointItems(work, dueOf(items), {
      ...createEndpointDeps(work, vars, ctx),
      report,
    })),
  );
  const byIndex = new Map(all);
  return items.map((_, index) => byIndex.get(index));
}

describe("calls", () => {
  const run = (items: readonly unknown[], parts = {}, vars = {}) =>
    attemptAll(batchWork({ operation: "external-api", ...parts }), items, { ...env, ...vars });

  it("bring their receipt as the output", async ({ expect }) => {
    fakeUpstreams(({ n }) => Response.json({ n }));
    const [attempt] = await run([{ id: "mine", url: "https://up.example/?n=4", select: "n" }]);
    expect(attempt).toMatchObject({
      status: "succeeded",
      output: { id: "mine", status: "fulfilled", http_status: 200, ok: true, body: 4, attempts: 1 },
    });
  });

  it("are repeated by the batch where that may help, and else have failed", async ({ expect }) => {
    const statuses = [400, 404, 408, 410, 429, 500, 501, 502, 503, 504];
    const sent = fakeUpstreams(({ n }) => new Response("", { status: statuses[n] ?? 200 }));
    const attempts = await run(urls(statuses.length));
    expect(attempts.map((attempt) => attempt?.status === "failed" && attempt.isFinal)).toEqual([
      true,
      true,
      false,
      true,
      false,
      false,
      true,
      false,
      false,
      false,
    ]);
    expect(attempts.map(inShort)).toEqual(Array(10).fill("upstream-status"));
    expect(sent).toHaveBeenCalledTimes(statuses.length);
  });

  it("that may have had their effect are repeated only where the batch says so", async ({
    expect,
  }) => {
    fakeUpstreams(({ n }) =>
      n === 1 ? Promise.reject(new Error("reset")) : new Response("", { status: 503 }),
    );
    const items = urls(2).map((url) => ({ url, method: "POST", json: 1 }));
    const isFinal = (attempt: Attempt | undefined) =>
      attempt?.status === "failed" && attempt.isFinal;
    const once = { options: { concurrency: 6 } };
    expect((await run(items, once)).map(isFinal)).toEqual([true, true]);
    const options = { concurrency: 6, max_attempts: 3 };
    expect((await run(items, { options })).map(isFinal)).toEqual([false, false]);
    const harmless = urls(2).map((url) => ({ url, method: "DELETE" }));
    expect((await run(harmless, once)).map(isFinal)).toEqual([false, false]);
    expect((await run(urls(2), once)).map(isFinal)).toEqual([false, false]);
  });

  it("are started no more once a report says so, and a failure is reported at once", async ({
    expect,
  }) => {
    const sent = fakeUpstreams(({ n }) => new Response("", { status: n === 2 ? 404 : 200 }));
    const reports: number[][] = [];
    const report = async (made: Made) => {
      reports.push(made.map(([index]) => index));
      return false;
    };
    const work = batchWork({ operation: "external-api", options: { concurrency: 1 } });
    const ctx = createExecutionContext();
    const rest = await runEndpointItems(work, dueOf(urls(12)), {
      ...createEndpointDeps(work, env, ctx),
      report,
    });
    expect(sent).toHaveBeenCalledTimes(3);
    expect(reports).toEqual([[0, 1, 2]]);
    expect(rest).toEqual([]);
  });

  it("that were under way when no more were wanted are brought back all the same", async ({
    expect,
  }) => {
    const gate = Promise.withResolvers<void>();
    fakeUpstreams(async ({ n }) => {
      if (n === 1) await gate.promise;
      return new Response("", { status: 404 });
    });
    const report = async () => {
      gate.resolve();
      return false;
    };
    const work = batchWork({ operation: "external-api", options: { concurrency: 2 } });
    const ctx = createExecutionContext();
    const rest = await runEndpointItems(work, dueOf(urls(12)), {
      ...createEndpointDeps(work, env, ctx),
      report,
    });
    expect(rest.map(([index]) => index)).toEqual([1]);
  });

  it("keep the receipt of a failure", async ({ expect }) => {
    fakeUpstreams(() => Response.json({ why: "no" }, { status: 403 }));
    expect((await run(urls(1)))[0]).toMatchObject({
      error: {
        detail: "The upstream answered 403.",
        receipt: { http_status: 403, body: { why: "no" } },
      },
    });
  });

  it("are repeated when the upstream wants it, within an hour", async ({ expect }) => {
    const wishes = ["30", "0", "999999999", "nonsense"];
    fakeUpstreams(
      ({ n }) => new Response("", { status: 503, headers: { "Retry-After": wishes[n] ?? "" } }),
    );
    const attempts = await run(urls(4));
    expect(attempts.map((attempt) => attempt?.status === "failed" && attempt.retryAfterMs)).toEqual(
      [30_000, 0, 3_600_000, 0],
    );
  });

  it("fail alone, in whatever way", async ({ expect }) => {
    fakeUpstreams(({ n, signal }) => {
      if (n === 1) throw new TypeError("reset");
      if (n === 2) return silence({ signal });
      return n === 3 ? new Response("x".repeat(1024 * 1024 + 1)) : Response.json(n);
    });
    const items = urls(5).map((url) => ({ url, timeout_ms: 20 }));
    const attempts = await run([...items, { url: "https://up.example/", select: "[" }]);
    expect(
      attempts.map(
        (attempt) => attempt?.status === "failed" && [attempt.error.code, attempt.isFinal],
      ),
    ).toEqual([
      false,
      ["network", false],
      ["timeout", false],
      ["response-too-large", true],
      false,
      ["invalid-select", true],
    ]);
  });

  it("are held to the host policy, and to upstreams that the caller may use", async ({
    expect,
  }) => {
    const sent = fakeUpstreams(() => Response.json(1));
    const vars = {
      ALLOWED_HOSTS: "up.example",
      UPSTREAMS: { closed: { base_url: "https://closed.example" } },
    };
    const attempts = await run(
      [
        "https://other.example/",
        { upstream: "closed", path: "/" },
        { upstream: "gone", path: "/" },
      ],
      { hasToken: false },
      vars,
    );
    expect(attempts.map(inShort)).toEqual(["host-not-allowed", "invalid-body", "invalid-body"]);
    expect(sent).not.toHaveBeenCalled();
  });

  it("are put off before the invocation has sent too many, and not counted", async ({ expect }) => {
    const sent = fakeUpstreams(() => new Response("", { status: 503 }));
    vi.spyOn(Math, "random").mockReturnValue(0);
    const attempts = await run(urls(12).map((url) => ({ url, retries: 5 })));
    const made = attempts.filter((attempt) => attempt?.status === "failed").length;
    expect(made).toBeGreaterThanOrEqual(4);
    expect(attempts.filter((attempt) => attempt === undefined)).toHaveLength(12 - made);
    expect(sent).toHaveBeenCalledTimes(6 * made);
    expect(6 * made).toBeLessThanOrEqual(MAX_REQUESTS_PER_INVOCATION);
  });
});

describe("sign-ups", () => {
  const people = (emails: readonly string[]) => emails.map((email) => ({ name: "Ada", email }));

  it("end as POST /users would have ended them", async ({ expect }) => {
    fakeDns((name) =>
      name === "gone.example"
        ? { Status: 3 }
        : { Status: 0, Answer: [{ type: 15, data: "10 mx." }] },
    );
    const email = freshEmail();
    const work = batchWork({ operation: "users", options: { concurrency: 1, max_attempts: 1 } });
    const attempts = await attemptAll(work, people([email, email, "a@gone.example"]));
    expect(attempts).toMatchObject([
      { status: "succeeded", output: { id: expect.any(String) } },
      { status: "failed", isFinal: true, error: { code: "email-taken" } },
      {
        status: "failed",
        isFinal: true,
        error: { code: "undeliverable-email", reason: "domain-not-found" },
      },
    ]);
  });

  it("create nobody twice when they are run again", async ({ expect }) => {
    fakeDns();
    const work = batchWork({ operation: "users" });
    const email = freshEmail();
    const items = people([email, freshEmail()]);
    const first = await attemptAll(work, items);
    const second = await attemptAll(work, items);
    expect(second).toEqual(first);
    const [attempt] = first;
    const output = attempt?.status === "succeeded" ? attempt.output : null;
    const id = String(Reflect.get(Object(output), "id"));
    expect(output).toEqual({ id });
    expect(await readUser(id)).toMatchObject({ id, email });
  });

  it("may be tried again after a failure that nobody foresaw, which stays in the log", async ({
    expect,
  }) => {
    const log = vi.spyOn(console, "error").mockReturnValue();
    fakeDns();
    vi.spyOn(Table.prototype, "create").mockRejectedValue(new Error("secret detail"));
    const [attempt] = await attemptAll(batchWork({ operation: "users" }), people([freshEmail()]));
    expect(attempt).toEqual({
      status: "failed",
      error: { code: "internal", detail: "The item failed unexpectedly." },
    });
    expect(log.mock.calls.join()).toContain("secret detail");
  });
});
