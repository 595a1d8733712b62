import * as v from "valibot";
import { describe, it } from "vitest";
import { CallResult } from "../../../src/domain/calls/external-api";
import { runCall } from "../../../src/domain/calls/run-call";
import {
  after,
  endless,
  fakeOutgoing,
  redirect,
  silence,
  wholeDeadline,
  type FakeOutgoing,
} from "../../support/fake-outgoing";
import { callContext, json, preparedCall } from "../../support/fake-calls";

/** Runs one call to its end, and checks the receipt's form. */
async function run(
  outgoing: FakeOutgoing,
  request: Record<string, unknown> = {},
  ms = 30_000,
): Promise<CallResult> {
  const deadline = wholeDeadline(outgoing.clock);
  const result = runCall(preparedCall(request), callContext(outgoing), deadline, 0);
  await outgoing.clock.advance(ms);
  deadline.clear();
  return v.parse(CallResult, await result);
}

describe("runCall", () => {
  it("tells of a response, with the headers but the cookies", async ({ expect }) => {
    const response = json({ a: 1 }, { status: 201, headers: { "X-A": "1", "Set-Cookie": "a=b" } });
    const outgoing: FakeOutgoing = fakeOutgoing((sent) =>
      after(120, outgoing.clock, sent, response),
    );
    expect(await run(outgoing, { id: "mine" })).toEqual({
      id: "mine",
      status: "fulfilled",
      url: "https://up.example/",
      http_status: 201,
      ok: true,
      headers: { "content-type": "application/json", "x-a": "1" },
      body_type: "json",
      body: { a: 1 },
      bytes: 7,
      attempts: 1,
      redirects: 0,
      started_ms: 0,
      duration_ms: expect.any(Number),
    });
  });

  it("tells where the response came from, and how many redirects that took", async ({ expect }) => {
    const outgoing = fakeOutgoing((_, index) => (index ? json(1) : redirect(302, "/there")));
    expect(await run(outgoing)).toMatchObject({ url: "https://up.example/there", redirects: 1 });
  });

  it("tells of a failure under the URL that was asked for", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => Promise.reject(new TypeError("internal address")));
    const result = await run(outgoing, { url: "https://up.example/a?b=c", retries: 1 });
    expect(result).toMatchObject({
      status: "rejected",
      url: "https://up.example/a?b=c",
      error: { code: "network" },
      attempts: 2,
    });
    expect(JSON.stringify(result)).not.toContain("internal address");
  });

  it.for<[string, () => Promise<Response>]>([
    ["a redirect that may not be followed", async () => redirect(302, "ftp://up.example/")],
    ["a redirect to what fails", () => Promise.reject(new Error("closed"))],
  ])("tells of the last response that had arrived before %s", async ([, next], { expect }) => {
    const outgoing = fakeOutgoing((_, index) => (index === 0 ? redirect(302, "/next") : next()));
    expect(await run(outgoing, { retries: 0 })).toMatchObject({
      status: "rejected",
      http_status: 302,
    });
  });

  it("sends the caller's method, headers and body, and its own where there are none", async ({
    expect,
  }) => {
    const outgoing = fakeOutgoing(() => json(1));
    await run(outgoing, { method: "POST", json: { a: 1 } });
    await run(outgoing, {
      method: "PUT",
      body: "text",
      headers: { "Content-Type": "text/x", ACCEPT: "a/b", "User-Agent": "me" },
    });
    await run(outgoing, { method: "DELETE" });
    expect(outgoing.sent).toMatchObject([
      {
        method: "POST",
        body: '{"a":1}',
        headers: { accept: "*/*", "user-agent": "serentak", "content-type": "application/json" },
      },
      {
        method: "PUT",
        body: "text",
        headers: { accept: "a/b", "user-agent": "me", "content-type": "text/x" },
      },
      { method: "DELETE", body: null },
    ]);
  });

  it.for([
    ["GET", 3],
    ["HEAD", 3],
    ["PUT", 3],
    ["DELETE", 3],
    ["OPTIONS", 3],
    ["POST", 1],
    ["PATCH", 1],
  ] as const)(
    "makes up to %s: %i attempts unless said otherwise",
    async ([method, attempts], { expect }) => {
      const outgoing = fakeOutgoing(() => new Response(null, { status: 503 }));
      expect(await run(outgoing, { method })).toMatchObject({
        attempts,
        http_status: 503,
        ok: false,
      });
      expect(await run(outgoing, { method, retries: 1 })).toMatchObject({ attempts: 2 });
    },
  );

  it("gives each attempt the call's own time, or the configured one", async ({ expect }) => {
    const quick = fakeOutgoing((sent) => silence(sent));
    const own = await run(quick, { timeout_ms: 50, retries: 0 }, 50);
    expect(own).toMatchObject({ error: { code: "timeout" }, duration_ms: 50 });
    const usual = fakeOutgoing((sent) => new Response(endless(sent, "a")));
    const configured = await run(usual, { retries: 0 }, 1000);
    expect(configured).toMatchObject({ error: { code: "timeout" }, duration_ms: 1000 });
  });
});

describe("select", () => {
  it("costs all calls together no more than one budget", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => json(Array.from({ length: 5000 }, (_, n) => n)));
    const context = callContext(outgoing);
    const statuses: string[] = [];
    for (let call = 0; call < 100; call += 1) {
      const deadline = wholeDeadline(outgoing.clock);
      const { status } = await runCall(
        preparedCall({ select: "[?@ > `2`]" }),
        context,
        deadline,
        0,
      );
      statuses.push(status);
      deadline.clear();
    }
    expect(statuses[0]).toBe("fulfilled");
    expect(statuses.at(-1)).toBe("rejected");
  });

  it("is applied to the JSON of an ok response only", async ({ expect }) => {
    const select = "items[].name";
    const body = { items: [{ name: "a" }, { name: "b" }] };
    const of = (response: Response) =>
      run(
        fakeOutgoing(() => response),
        { select, retries: 0 },
      );
    expect(await of(json(body))).toMatchObject({ body: ["a", "b"], body_type: "json" });
    expect(await of(new Response("items", { headers: { "X-A": "1" } }))).toMatchObject({
      status: "rejected",
      error: { code: "invalid-select" },
      http_status: 200,
      headers: { "x-a": "1" },
    });
    expect(await of(json(body, { status: 404 }))).toMatchObject({ body });
  });

  it("that cannot be read is told before anything is sent", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => json(1));
    expect(await run(outgoing, { select: "items[", fallback: [] })).toMatchObject({
      status: "rejected",
      error: { code: "invalid-select" },
      attempts: 0,
      body: [],
      fallback_used: true,
    });
    expect(outgoing.sent).toEqual([]);
  });

  it("that does not fit the body is told, with the attempts it took", async ({ expect }) => {
    const outgoing = fakeOutgoing(() => json({ a: "text" }));
    expect(await run(outgoing, { select: "sum(a)" })).toMatchObject({
      error: { code: "invalid-select" },
      attempts: 1,
    });
  });
});

describe("fallback", () => {
  it.for([[], null, false, 0, "", { a: 1 }])(
    "of %j stands in for a response that is not ok and for none",
    async (fallback, { expect }) => {
      const used = { body: fallback, fallback_used: true };
      const notOk = fakeOutgoing(() => new Response("gone", { status: 410 }));
      expect(await run(notOk, { fallback })).toMatchObject({
        ...used,
        http_status: 410,
        body_type: "json",
      });
      const none = fakeOutgoing(() => Promise.reject(new Error("reset")));
      expect(await run(none, { fallback })).toMatchObject({ ...used, status: "rejected" });
    },
  );

  it("is not used where the call is ok", async ({ expect }) => {
    const result = await run(
      fakeOutgoing(() => json(1)),
      { fallback: 2 },
    );
    expect(result).toMatchObject({ body: 1 });
    expect(result).not.toHaveProperty("fallback_used");
  });
});
