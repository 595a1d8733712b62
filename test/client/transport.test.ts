// Retries and errors of the client: which requests it repeats, when, and what it throws.
import { describe, it } from "vitest";
import { SerentakError } from "../../src/client/error";
import { collect, fakeClient, refusal, streamOf } from "../support/client";
import { FakeClock } from "../support/fake-clock";

const NEW_USER = { name: "Ada", email: "ada@example.com" };
const broken = () => Promise.reject(new TypeError("Network connection lost."));
const created = () => Response.json({ id: "u1" }, { status: 201 });

function cutOff(): Response {
  return new Response(streamOf([new TypeError("cut")]));
}

function page(status: number): Response {
  return new Response("<h1>Hello</h1>", { status, headers: { "Content-Type": "text/html" } });
}

describe("a creation", () => {
  it("is repeated with one key when the network fails", async ({ expect }) => {
    const { client, calls, waits } = fakeClient((_, count) => (count < 4 ? broken() : created()));
    expect(await client.users.create(NEW_USER)).toEqual({ id: "u1" });
    const keys = calls.map(({ headers }) => headers.get("Idempotency-Key"));
    expect(keys[0]).toMatch(/^"[0-9a-f]{32}"$/);
    expect(new Set(keys).size).toBe(1);
    expect(calls.map(({ body }) => body)).toEqual(Array(4).fill(JSON.stringify(NEW_USER)));
    expect(waits).toHaveLength(3);
    expect(waits[0]).toBeLessThanOrEqual(200);
    expect(waits[2]).toBeLessThanOrEqual(800);
  });

  it("is repeated when the connection breaks in the reply", async ({ expect }) => {
    const { client, calls } = fakeClient((_, count) => (count === 1 ? cutOff() : created()));
    expect(await client.tasks.create({ title: "Water the plants" })).toEqual({ id: "u1" });
    expect(calls).toHaveLength(2);
  });

  it("is given up after four repeats, with what fetch threw", async ({ expect }) => {
    const { client, calls } = fakeClient(broken);
    await expect(client.users.create(NEW_USER)).rejects.toThrow(TypeError);
    expect(calls).toHaveLength(5);
  });

  it.for([
    [429, "rate-limited"],
    [409, "idempotency-in-progress"],
    [503, "whatever"],
  ] as const)("waits as long as a %i says", async ([status, code], { expect }) => {
    const { client, waits } = fakeClient((_, count) =>
      count === 1 ? refusal(status, code, { "Retry-After": "7" }) : created(),
    );
    await client.users.create(NEW_USER);
    expect(waits).toEqual([7000]);
  });

  it("waits thirty seconds in all for what the platform refuses", async ({ expect }) => {
    const { client, waits } = fakeClient(() => refusal(503, "unavailable", { "Retry-After": "8" }));
    await expect(client.users.create(NEW_USER)).rejects.toMatchObject({ code: "unavailable" });
    expect(waits).toEqual([8000, 8000, 8000]);
  });

  it("is repeated more often than four times when the Worker says when", async ({ expect }) => {
    const { client, calls } = fakeClient((_, count) =>
      count <= 20 ? refusal(409, "idempotency-in-progress", { "Retry-After": "1" }) : created(),
    );
    await client.users.create(NEW_USER);
    expect(calls).toHaveLength(21);
  });

  it("waits ninety seconds in all and no more", async ({ expect }) => {
    const { client, waits } = fakeClient(() =>
      refusal(429, "rate-limited", { "Retry-After": "60" }),
    );
    const thrown: unknown = await client.users.create(NEW_USER).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ code: "rate-limited", status: 429, retryAfterSeconds: 60 });
    expect(waits).toEqual([60_000]);
  });

  it("is not repeated where that is switched off", async ({ expect }) => {
    const { client, calls } = fakeClient(broken, { maxRetryWaitMs: 0 });
    await expect(client.users.create(NEW_USER)).rejects.toThrow(TypeError);
    expect(calls).toHaveLength(1);
  });

  it("is sent under the caller's own key", async ({ expect }) => {
    const { client, calls } = fakeClient(created);
    await client.users.create(NEW_USER, { idempotencyKey: 'my "own"' });
    expect(calls[0]?.headers.get("Idempotency-Key")).toBe(String.raw`"my \"own\""`);
  });

  it("is refused once and for all where repeating would not help", async ({ expect }) => {
    const { client, calls } = fakeClient(() => refusal(409, "email-taken"));
    await expect(client.users.create(NEW_USER)).rejects.toThrow(SerentakError);
    expect(calls).toHaveLength(1);
  });
});

describe("a call that changes something without a key", () => {
  it("is not repeated when the network fails", async ({ expect }) => {
    const { client, calls } = fakeClient(broken);
    await expect(client.users.update("u1", { name: "Bea" })).rejects.toThrow(TypeError);
    await expect(client.externalApi(["https://a.example"])).rejects.toThrow(TypeError);
    await expect(client.batchById("b1").cancel()).rejects.toThrow(TypeError);
    expect(calls).toHaveLength(3);
  });

  it("is repeated after a 429, since nothing was done", async ({ expect }) => {
    const { client, calls } = fakeClient((_, count) =>
      count === 1 ? refusal(429, "rate-limited") : created(),
    );
    await client.users.update("u1", { name: "Bea" });
    expect(calls).toHaveLength(2);
  });
});

describe("a call that only reads or computes", () => {
  it("is repeated when the network fails", async ({ expect }) => {
    const processed = () => Response.json({ processed_items: ["A"], errors: [] });
    const { client, calls } = fakeClient(({ method }, count) => {
      if (count % 2 === 1) return broken();
      return method === "POST" ? processed() : created();
    });
    await client.users.get("u1");
    await client.processData(["a"], "uppercase");
    expect(calls.map(({ method }) => method)).toEqual(["GET", "GET", "POST", "POST"]);
  });

  it("is repeated when a gateway answers in the Worker's place", async ({ expect }) => {
    const { client, calls } = fakeClient((_, count) => (count === 1 ? page(502) : created()));
    await client.users.get("u1");
    expect(calls).toHaveLength(2);
  });

  it("is not repeated when the Worker itself failed", async ({ expect }) => {
    const { client, calls } = fakeClient(() => refusal(500, "internal"));
    await expect(client.users.get("u1")).rejects.toMatchObject({ code: "internal" });
    expect(calls).toHaveLength(1);
  });
});

/** A fetch that is never answered, and rejects as Chromium's does whatever the reason is. */
function hanging(_: string, { signal }: RequestInit): Promise<Response> {
  return new Promise((_resolve, reject) => {
    const abort = () => reject(new DOMException("The user aborted a request.", "AbortError"));
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
  });
}

describe("an abort", () => {
  it("ends the waiting between attempts with the signal's reason", async ({ expect }) => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { client, calls } = fakeClient(() => {
      controller.abort(reason);
      return refusal(429, "rate-limited", { "Retry-After": "1" });
    });
    const { signal } = controller;
    await expect(client.users.create(NEW_USER, { signal })).rejects.toBe(reason);
    await expect(client.users.create(NEW_USER, { signal })).rejects.toBe(reason);
    expect(calls).toHaveLength(1);
  });

  it("throws the signal's reason where the browser throws its own", async ({ expect }) => {
    const controller = new AbortController();
    const { client } = fakeClient(created, { fetch: hanging });
    const { signal } = controller;
    const waiting = Promise.allSettled([
      client.users.get("u1", { signal }),
      client.streamExternalApi(["https://a.example"], { signal }).next(),
      client.batchById("b1").wait({ signal }),
    ]);
    const reason = new DOMException("late", "TimeoutError");
    controller.abort(reason);
    const rejected = { status: "rejected", reason };
    expect(await waiting).toEqual([rejected, rejected, rejected]);
  });

  it("throws the signal's reason in the middle of a stream", async ({ expect }) => {
    const controller = new AbortController();
    const { client } = fakeClient(({ url }) => {
      if (!url.endsWith("/results")) return created();
      const body = streamOf(['{"index":0}\n', new DOMException("aborted", "AbortError")], () => {
        controller.abort("enough");
        return Promise.resolve();
      });
      return new Response(body, { headers: { "Content-Type": "application/x-ndjson" } });
    });
    const reading = collect(client.batchById("b1").results({ signal: controller.signal }));
    await expect(reading).rejects.toBe("enough");
  });
});

describe("a timeout", () => {
  it.for([{ timeoutMs: 500 }, {}])("of the call, or of all (%j)", async (ofCall, { expect }) => {
    const clock = new FakeClock();
    const { client } = fakeClient(created, { fetch: hanging, timeoutMs: 900 }, clock);
    const call = client.users.get("u1", ofCall).catch((error: unknown) => error);
    await clock.advance((ofCall.timeoutMs ?? 900) - 1);
    expect(await Promise.race([call, Promise.resolve("waiting")])).toBe("waiting");
    await clock.advance(1);
    expect(await call).toMatchObject({ name: "TimeoutError" });
  });
});

describe("a reply that is not the Worker's", () => {
  const portal = () => page(200);
  const stranger = () => Response.json({ hello: 1 });
  const mislabelled = () => new Response('{"id":"u1"}');
  it.for([portal, stranger, mislabelled])("is refused (%#)", async (answer, { expect }) => {
    const { client } = fakeClient(answer);
    const batch = client.batchById("b1");
    const calls = [
      () => client.users.get("u1"),
      () => client.users.page(),
      () => client.users.create(NEW_USER),
      () => client.processData(["a"], "trim"),
      () => client.externalApi(["https://a.example"]),
      () => client.channels.list(),
      () => client.notifications.page(),
      () => batch.status(),
      () => batch.resultsPage(),
      () => collect(batch.results()),
      () => batch.wait(),
      () => collect(client.streamExternalApi(["https://a.example"])),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        code: "unexpected-reply",
      });
    }
  });
});

describe("every call", () => {
  it("goes to the base URL, with the token and an escaped id", async ({ expect }) => {
    const options = { baseUrl: "https://api.example/v1//", token: "secret" };
    const { client, calls } = fakeClient(created, options);
    await client.users.get("a/b?c");
    expect(calls[0]?.url).toBe("https://api.example/v1/users/a%2Fb%3Fc");
    expect(calls[0]?.headers.get("Authorization")).toBe("Bearer secret");
  });

  it("that takes something asks for a fresh Turnstile token at each attempt", async ({
    expect,
  }) => {
    let count = 0;
    const turnstileToken = () => Promise.resolve(`token-${(count += 1)}`);
    const { client, calls } = fakeClient((_, n) => (n === 1 ? broken() : created()), {
      turnstileToken,
    });
    await client.users.create(NEW_USER);
    await client.users.get("u1");
    await client.batchById("b1").cancel();
    const tokens = calls.map(({ headers }) => headers.get("Turnstile-Token"));
    expect(tokens).toEqual(["token-1", "token-2", null, null]);
  });

  it("throws sentences that end once", async ({ expect }) => {
    const errors = [
      { pointer: "#/a", detail: "Unknown: did you mean uppercase?" },
      { pointer: "#/b", detail: "Too long" },
    ];
    const problem = { code: "invalid-body", detail: "2 faults.", errors };
    const { client } = fakeClient(() => Response.json(problem, { status: 422 }));
    await expect(client.users.get("u1")).rejects.toThrow(
      /2 faults\. #\/a: Unknown: did you mean uppercase\? #\/b: Too long\.$/,
    );
  });

  it("throws one error for a reply that is none of the Worker's", async ({ expect }) => {
    const { client } = fakeClient((_, count) => page(count === 1 ? 200 : 404));
    const expected = { name: "SerentakError", code: "unexpected-reply", errors: [] };
    await expect(client.users.get("u1")).rejects.toMatchObject({ ...expected, status: 200 });
    await expect(client.users.get("u1")).rejects.toMatchObject({ ...expected, status: 404 });
  });
});
