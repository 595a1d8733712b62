// Every method of the client against the Worker itself.
import { afterEach, beforeEach, describe, it } from "vitest";
import type { CallResult, ConfirmationSent, User } from "../../src/client/wire";
import { collect, fakeClient, watchedStream, workerClient } from "../support/client";
import { fakeUpstreams, urls } from "../support/jobs";
import { fakeDns, freshEmail, restoreWorld } from "../support/users";
import { waitFor } from "../support/wait-for";

afterEach(restoreWorld);

const client = workerClient();

function answer({ n }: { n: number }): Response {
  return Response.json({ n }, { status: n === 1 ? 404 : 200 });
}

describe("externalApi", () => {
  it("gathers what URLs answer, in their order", async ({ expect }) => {
    fakeUpstreams(answer);
    const reply = await client.externalApi(urls(3));
    expect(reply).toMatchObject({ policy: "settled", total: 3, fulfilled: 3, rejected: 0 });
    expect(reply.results.map(({ body }) => body)).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
  });

  it("tells of each receipt as it arrives, and gives the same reply", async ({ expect }) => {
    fakeUpstreams(answer);
    const requests = urls(3).map((url, n) => ({ url, id: `call-${n}`, select: "n" }));
    const seen: CallResult[] = [];
    const reply = await client.externalApi(
      { requests, policy: "all" },
      { onResult: (result) => void seen.push(result) },
    );
    expect(seen).toHaveLength(3);
    expect(reply).toMatchObject({ policy: "all", total: 3, fulfilled: 3 });
    expect(reply.results.map(({ id }) => id)).toEqual(["call-0", "call-1", "call-2"]);
    expect(new Set(seen)).toEqual(new Set(reply.results));
  });

  it("streams receipts and returns the summary", async ({ expect }) => {
    fakeUpstreams(answer);
    const receipts = client.streamExternalApi(urls(2));
    const ids = [await receipts.next(), await receipts.next()].map(
      ({ value }) => "id" in value && value.id,
    );
    expect(new Set(ids)).toEqual(new Set(["0", "1"]));
    const { done, value } = await receipts.next();
    expect(done).toBe(true);
    expect(value).toMatchObject({ total: 2, fulfilled: 2, rejected: 0 });
  });

  it("reads receipts on to the end of their stream", async ({ expect }) => {
    const lines = ['{"id":"0","status":"fulfilled"}\n', '{"total":1}\n'];
    const { body, wasCancelled } = watchedStream(lines);
    const { client: faked } = fakeClient(
      () => new Response(body, { headers: { "Content-Type": "application/x-ndjson" } }),
    );
    const receipts = faked.streamExternalApi(["https://a.example"]);
    expect((await receipts.next()).value).toMatchObject({ id: "0" });
    expect(await receipts.next()).toEqual({ done: true, value: { total: 1 } });
    expect(wasCancelled()).toBe(false);
  });

  it("throws what the policy refuses, with the results", async ({ expect }) => {
    fakeUpstreams(answer);
    const refused = client.externalApi({ urls: urls(2), policy: "all" });
    await expect(refused).rejects.toMatchObject({
      code: "upstream-failed",
      status: 502,
      problem: { results: [{ ok: true }, { ok: false }] },
    });
  });
});

describe("processData", () => {
  it("runs an operation, a pipeline, and several at once", async ({ expect }) => {
    const one = await client.processData(["a", 1], "uppercase");
    expect(one.processed_items).toEqual(["A", null]);
    expect(one.errors).toMatchObject([{ index: 1 }]);
    const piped = await client.processData([" b ", "b"], ["trim", "unique"]);
    expect(piped.processed_items).toEqual(["b"]);
    const { results } = await client.processDataByEach([1, 2], ["sum", "count"]);
    expect(results).toMatchObject([{ value: 3 }, { value: 2 }]);
  });

  it("lists the operations", async ({ expect }) => {
    const operations = await client.operations();
    expect(operations.map(({ name }) => name)).toContain("uppercase");
  });

  it("tells where a body is wrong", async ({ expect }) => {
    const refused = client.processData(["a"], ["uppercase", "no-such-operation"]);
    await expect(refused).rejects.toMatchObject({
      name: "SerentakError",
      code: "invalid-body",
      status: 422,
      errors: [{ pointer: "#/operation/1" }],
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      retryAfterSeconds: null,
      message: expect.stringContaining("#/operation/1"),
    });
  });
});

/** The user that a sign-up has made. */
function userOf(made: User | ConfirmationSent): User {
  if ("id" in made) return made;
  throw new Error(made.detail);
}

describe("users", () => {
  beforeEach(() => void fakeDns());

  it("are created, read, changed and removed", async ({ expect }) => {
    const email = freshEmail();
    const user = userOf(
      await client.users.create({ name: "Ada", email, metadata: { plan: "free" } }),
    );
    expect(user).toMatchObject({ name: "Ada", email, metadata: { plan: "free" }, version: 1 });
    expect(await client.users.get(user.id)).toEqual(user);
    const changed = await client.users.update(user.id, { name: "Bea" }, { ifVersion: 1 });
    expect(changed).toMatchObject({ name: "Bea", version: 2 });
    const stale = client.users.remove(user.id, { ifVersion: 1 });
    await expect(stale).rejects.toMatchObject({ code: "precondition-failed" });
    expect(await client.users.remove(user.id, { ifVersion: 2 })).toBeUndefined();
    await expect(client.users.get(user.id)).rejects.toMatchObject({ code: "not-found" });
  });

  it("asks before it signs up an address that looks misspelt, if that is wanted", async ({
    expect,
  }) => {
    const misspelt = { name: "Ada", email: "refused@gmial.com" };
    const refused = client.users.create(misspelt, { refuseTypos: true });
    await expect(refused).rejects.toMatchObject({
      problem: { reason: "likely-typo", suggestion: "refused@gmail.com" },
    });
    const { email_check } = userOf(await client.users.create(misspelt));
    expect(email_check.suggestion).toBe("refused@gmail.com");
  });

  it("are one when a creation is repeated with its key", async ({ expect }) => {
    const options = { idempotencyKey: crypto.randomUUID() };
    const sign = async () =>
      userOf(await client.users.create({ name: "Ada", email: "once@example.com" }, options));
    expect((await sign()).id).toBe((await sign()).id);
    const again = client.users.create({ name: "Ada", email: "once@example.com" });
    await expect(again).rejects.toMatchObject({ code: "email-taken", status: 409 });
  });

  it("are listed over all pages", async ({ expect }) => {
    const emails = [freshEmail(), freshEmail(), freshEmail()];
    for (const email of emails) await client.users.create({ name: "Ada", email });
    const listed = (await collect(client.users.list())).map(({ email }) => email);
    expect(listed.filter((email) => emails.includes(email))).toEqual(emails.toReversed());
    const { users, next_cursor } = await client.users.page({ limit: 2 });
    expect(users).toHaveLength(2);
    const next = await client.users.page({ limit: 2, cursor: next_cursor ?? "" });
    expect(next.users[0]?.email).toBe(listed[2]);
  });

  it("are for holders of a token", async ({ expect }) => {
    const stranger = workerClient({ token: "" });
    await expect(collect(stranger.users.list())).rejects.toMatchObject({ code: "unauthorized" });
  });
});

describe("tasks", () => {
  it("are created, read, changed, listed and removed", async ({ expect }) => {
    const task = await client.tasks.create({ title: "Water the plants", priority: "high" });
    expect(await client.tasks.get(task.id)).toEqual(task);
    const urgent = await client.tasks.update(task.id, { priority: "urgent" }, { ifVersion: 1 });
    expect(urgent).toMatchObject({ priority: "urgent", version: 2 });
    const listed = await collect(client.tasks.list({ priority: "urgent", status: "pending" }));
    expect(listed.map(({ id }) => id)).toContain(task.id);
    const { tasks } = await client.tasks.page({ priority: "low", limit: 1 });
    expect(tasks).toEqual([]);
    await client.tasks.remove(task.id);
    await expect(client.tasks.get(task.id)).rejects.toMatchObject({ code: "not-found" });
  });

  it("deliver a notification once more", async ({ expect }) => {
    const upstream = fakeUpstreams(() => new Response(null, { status: 204 }));
    const { notifications } = await client.tasks.create({ title: "Tell", notify: ["ntfy"] });
    const [sent] = notifications;
    await waitFor(() => expect(upstream).toHaveBeenCalledOnce());
    const again = await client.notifications.resend(sent?.id ?? "");
    expect(again).toMatchObject({ id: sent?.id, channel: "ntfy", event: "task.created" });
    await waitFor(() => expect(upstream).toHaveBeenCalledTimes(2));
  });
});

describe("request", () => {
  it("calls any route by its method and path", async ({ expect }) => {
    fakeDns();
    const body = { name: "Ada", email: freshEmail() };
    const user = await client.request("POST /users", { body }, { idempotencyKey: freshEmail() });
    const params = { id: user.id };
    expect(await client.request("GET /users/:id", { params })).toEqual(user);
    const page = await client.request("GET /tasks", { query: { limit: 1 } });
    expect(page.tasks.length).toBeLessThan(2);
    expect(await client.request("DELETE /users/:id", { params })).toBeUndefined();
  });

  it("escapes what stands in the path", async ({ expect }) => {
    const { client: faked, calls } = fakeClient(() => Response.json({}));
    await faked.request("GET /users/:id", { params: { id: "a/b?c" } });
    expect(calls).toMatchObject([{ url: "https://api.example/users/a%2Fb%3Fc", method: "GET" }]);
  });

  it("repeats a creation that has a key, under the same one, and no other POST", async ({
    expect,
  }) => {
    const broken = () => Promise.reject(new TypeError("Failed to fetch"));
    const { client: faked, calls } = fakeClient(broken);
    const body = { title: "Water" };
    await expect(faked.request("POST /tasks", { body })).rejects.toThrow("Failed to fetch");
    expect(calls).toHaveLength(1);
    const keyed = faked.request("POST /tasks", { body }, { idempotencyKey: "key" });
    await expect(keyed).rejects.toThrow("Failed to fetch");
    expect(calls.slice(1).map(({ headers }) => headers.get("Idempotency-Key"))).toEqual(
      Array.from({ length: 5 }, () => '"key"'),
    );
  });
});
