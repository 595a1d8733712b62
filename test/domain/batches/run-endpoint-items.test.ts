// One attempt at each of a chunk's items: whatever one of them does, the others come to their end.
import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, it, vi } from "vitest";
import type { Attempt } from "../../../src/domain/jobs/job";
import { Table } from "../../../src/durable-objects/table";
import { createLaneRunner } from "../../../src/runtime/batch-deps";
import type { BatchWork } from "../../../src/domain/batches/job-record";
import { dueOf, inShort } from "../../support/attempts";
import { redirect, silence } from "../../support/fake-outgoing";
import { batchWork, fakeUpstreams, urls } from "../../support/jobs";
import { fakeDns, freshEmail, readUser, restoreWorld } from "../../support/users";

afterEach(restoreWorld);

/** One attempt at each item, in their order, in one invocation. */
async function attemptAll(
  work: BatchWork,
  items: readonly unknown[],
  vars: Env = env,
): Promise<(Attempt | null)[]> {
  const run = createLaneRunner(work, vars, createExecutionContext());
  const outcomes = await Promise.all(dueOf(items).map(run));
  return outcomes.map(({ attempt }) => attempt);
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
    const isFinal = attempts.map((attempt) => attempt?.status === "failed" && attempt.isFinal);
    expect(isFinal).toEqual([true, true, false, true, false, false, true, false, false, false]);
    expect(attempts.map(inShort)).toEqual(Array(10).fill("upstream-status"));
    expect(sent).toHaveBeenCalledTimes(statuses.length);
  });

  it("fail that need more requests than an invocation has", async ({ expect }) => {
    const sent = fakeUpstreams(({ url }) => redirect(302, `${url.href}&more`));
    const [attempt] = await run(urls(1), {}, { SUBREQUESTS: "3" });
    expect(attempt).toMatchObject({ error: { code: "subrequest-limit" }, isFinal: true });
    expect(sent).toHaveBeenCalledTimes(3);
  });

  it("that may not be repeated bear a key of their own, and the caller's wins", async ({
    expect,
  }) => {
    const sent = fakeUpstreams(() => Response.json(1));
    const work = batchWork({ operation: "external-api" });
    const post = { method: "POST", json: 1 };
    const [first, second] = urls(2);
    const items = [
      { ...post, url: first },
      { ...post, url: second },
      { ...post, url: first, headers: { "idempotency-key": "mine" } },
      first,
    ];
    await attemptAll(work, items);
    await attemptAll(work, items);
    const keys = sent.mock.calls.map(([, init]) =>
      new Headers(init?.headers).get("Idempotency-Key"),
    );
    const [own, other] = keys.filter((key) => key !== null && key !== "mine");
    expect([own, other].every((key) => /^[0-9a-f-]{36}$/.test(key ?? ""))).toBe(true);
    expect(new Set(keys)).toEqual(new Set([own, other, "mine", null]));
    expect(new Set(keys.slice(4))).toEqual(new Set(keys.slice(0, 4)));
    expect(new Set(keys).size).toBe(4);
  });

  it("that failed tell status and headers", async ({ expect }) => {
    fakeUpstreams(() => Response.json({ why: "no" }, { status: 403, headers: { "X-Why": "no" } }));
    expect((await run(urls(1)))[0]).toMatchObject({
      error: {
        code: "upstream-status",
        detail: "The upstream answered 403.",
        http_status: 403,
        headers: { "x-why": "no" },
      },
    });
  });

  it("are refused by flow control, and wait as long as the upstream wants", async ({ expect }) => {
    const answers = [
      [429, "30"],
      [429, ""],
      [429, "nonsense"],
      [503, "7"],
      [503, ""],
      [500, "7"],
    ] as const;
    fakeUpstreams(({ n }) => {
      const [status, wish] = answers[n] ?? [200, ""];
      return new Response("", { status, headers: wish === "" ? {} : { "Retry-After": wish } });
    });
    const attempts = await run(urls(answers.length));
    expect(attempts).toMatchObject([
      { status: "refused", waitMs: 30_000 },
      { status: "refused", waitMs: null },
      { status: "refused", waitMs: null },
      { status: "refused", waitMs: 7000 },
      { status: "failed", isFinal: false },
      { status: "failed", isFinal: false, retryAfterMs: 7000 },
    ]);
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
      // The upstream has done it: only the body is left out.
      false,
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

  it("never send more together than their invocation may, and what is cut off does not count", async ({
    expect,
  }) => {
    const sent = fakeUpstreams(({ url }) => {
      const left = Number(url.searchParams.get("left") ?? 5);
      return left === 0 ? Response.json(1) : redirect(302, `/?left=${left - 1}`);
    });
    const attempts = await run(urls(12));
    expect(sent).toHaveBeenCalledTimes(45);
    expect(attempts.filter((attempt) => attempt?.status === "succeeded").length).toBeGreaterThan(0);
    expect(attempts.filter((attempt) => attempt === null).length).toBeGreaterThan(0);
    expect(attempts.filter((attempt) => attempt?.status === "failed")).toEqual([]);
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
