import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { LEASE_MS } from "../../src/domain/idempotency";
import { Table } from "../../src/durable-objects/table";
import { expectProblem } from "../support/problem";
import { letTimePass, read, restoreWorld } from "../support/users";
import worker from "../../src/worker";
import { AUTHORIZATION, post, send } from "../support/worker";

const VARS = { TURNSTILE_SECRET: "s3cr3t", TURNSTILE_VERIFY_URL: "https://verify.example/check" };
const BODY = { urls: ["https://127.0.0.1/"] };

/** Requests to the verifier, and its answer. */
let asked: { url: string; body: unknown }[];
let answer: () => Response | Promise<Response>;

beforeEach(() => {
  asked = [];
  answer = () => passed();
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init) => {
    const request = new Request(input, init);
    asked.push({ url: request.url, body: await request.json() });
    return answer();
  });
});

afterEach(restoreWorld);

/** The verifier's answer to a token of a widget on a page that may call. */
function passed(fields: object = {}, init?: ResponseInit): Response {
  return Response.json({ success: true, hostname: "site.example", action: "", ...fields }, init);
}

function call(headers: Record<string, string> = { "Turnstile-Token": "good" }) {
  return post("/external-api", BODY, headers, VARS);
}

describe("the Turnstile challenge", () => {
  it("lets a call pass whose token the verifier knows", async ({ expect }) => {
    const response = await call({ "Turnstile-Token": "good", "CF-Connecting-IP": "192.0.2.1" });
    expect(response.status).toBe(200);
    expect(asked).toEqual([
      {
        url: VARS.TURNSTILE_VERIFY_URL,
        body: { secret: "s3cr3t", response: "good", remoteip: "192.0.2.1" },
      },
    ]);
  });

  it.for<[string, () => Response | Promise<Response>]>([
    ["says no", () => Response.json({ success: false, "error-codes": ["timeout-or-duplicate"] })],
    ["says something else", () => Response.json({ success: "true" })],
    ["says nothing of it", () => Response.json({})],
    ["answers no JSON", () => new Response("<html>")],
    ["fails", () => new Response("", { status: 500 })],
    ["fails, whatever it says", () => passed({}, { status: 500 })],
    ["tells of a page of another site", () => passed({ hostname: "evil.example" })],
    ["tells of a page of a site with a like name", () => passed({ hostname: "asite.example" })],
    ["does not tell of which page", () => Response.json({ success: true })],
    ["redirects", () => Response.redirect("https://elsewhere.example/", 302)],
    ["cannot be reached", () => Promise.reject(new TypeError("network"))],
    ["sends without end", () => passed({ more: "x".repeat(70_000) })],
  ])("lets nobody pass when the verifier %s", async ([, verifier], { expect }) => {
    answer = verifier;
    const response = await call();
    const problem = await expectProblem(expect, response, "challenge-failed");
    expect(JSON.stringify(problem)).not.toContain("s3cr3t");
    expect(asked).toHaveLength(1);
  });

  it("lets pass what was solved on a page of an allowed origin, or on one of ours", async ({
    expect,
  }) => {
    for (const hostname of ["site.example", "a.pages.example", "api.example"]) {
      answer = () => passed({ hostname });
      expect((await call()).status).toBe(200);
    }
    answer = () => passed({ hostname: "any.example" });
    const open = { ...VARS, ALLOWED_ORIGINS: "*" };
    const headers = { "Turnstile-Token": "good" };
    expect((await post("/external-api", BODY, headers, open)).status).toBe(200);
  });

  it("holds the widget to the action that is set", async ({ expect }) => {
    const vars = { ...VARS, TURNSTILE_ACTION: "sign-up" };
    const act = async (action: string) => {
      answer = () => passed({ action });
      const response = await post("/external-api", BODY, { "Turnstile-Token": "good" }, vars);
      return response.status;
    };
    expect([await act("sign-up"), await act("log-in"), await act("")]).toEqual([200, 403, 403]);
  });

  it.for(["1", "2", "3"])(
    "does not take Cloudflare's secret %s for tests",
    async (n, { expect }) => {
      vi.spyOn(console, "error").mockReturnValue();
      const vars = { ...VARS, TURNSTILE_SECRET: `${n}x0000000000000000000000000000000AA` };
      const headers = { "Turnstile-Token": "XXXX.DUMMY.TOKEN.XXXX" };
      await expectProblem(expect, await post("/external-api", BODY, headers, vars), "internal");
      expect(asked).toEqual([]);
    },
  );

  it("takes them on this machine, whatever page and action they tell of", async ({ expect }) => {
    const vars = {
      ...env,
      ...VARS,
      TURNSTILE_ACTION: "sign-up",
      TURNSTILE_SECRET: "1x0000000000000000000000000000000AA",
    };
    answer = () => passed({ hostname: "example.com", action: "test" });
    for (const host of ["localhost:8787", "127.0.0.1:8787", "[::1]"]) {
      const request = new Request<unknown, IncomingRequestCfProperties>(
        `http://${host}/external-api`,
        {
          method: "POST",
          headers: { "Content-Type": "application/json", "Turnstile-Token": "dummy" },
          body: JSON.stringify(BODY),
        },
      );
      const response = await worker.fetch(request, vars, createExecutionContext());
      expect(response.status).toBe(200);
    }
    expect(asked).toHaveLength(3);
  });

  it("asks nobody without a token, or with one that is none", async ({ expect }) => {
    for (const token of [undefined, "", "x".repeat(2049)]) {
      const response = await call(token === undefined ? {} : { "Turnstile-Token": token });
      await expectProblem(expect, response, "challenge-failed");
    }
    expect(asked).toEqual([]);
  });

  it("is not put to holders of a token, nor where it is off", async ({ expect }) => {
    expect((await call(AUTHORIZATION)).status).toBe(200);
    expect((await post("/external-api", BODY)).status).toBe(200);
    expect((await send("/health", {}, VARS)).status).toBe(200);
    expect(asked).toEqual([]);
  });

  it("spends no token on a request that is wrong, nor on one that is repeated", async ({
    expect,
  }) => {
    const token = { "Turnstile-Token": "good" };
    await expectProblem(expect, await post("/tasks", {}, token, VARS), "invalid-body");
    expect(asked).toHaveLength(0);
    const headers = { ...token, "Idempotency-Key": crypto.randomUUID() };
    const first = await post("/tasks", { title: "x" }, headers, VARS);
    const again = await post("/tasks", { title: "x" }, headers, VARS);
    const batch = { operation: "tasks", items: [{ title: "x" }, {}] };
    await expectProblem(expect, await post("/batch-process", batch, token, VARS), "invalid-body");
    expect([first.status, again.status]).toEqual([201, 201]);
    expect(await again.json()).toEqual(await first.json());
    expect(asked).toHaveLength(1);
  });

  it("that was failed leaves the key free", async ({ expect }) => {
    const headers = { "Turnstile-Token": "bad", "Idempotency-Key": crypto.randomUUID() };
    answer = () => Response.json({ success: false });
    const refused = await post("/tasks", { title: "x" }, headers, VARS);
    await expectProblem(expect, refused, "challenge-failed");
    answer = () => passed();
    expect((await post("/tasks", { title: "y" }, headers, VARS)).status).toBe(201);
  });

  it("that was failed by a repeat forgets nothing of a first run that was cut off", async ({
    expect,
  }) => {
    const title = crypto.randomUUID();
    const headers = { "Turnstile-Token": "good", "Idempotency-Key": crypto.randomUUID() };
    const send = () => post("/tasks", { title }, headers, VARS);
    const powerCut = () => {
      throw new Error("power cut");
    };
    const cut = (["create", "release"] as const).map((name) =>
      vi.spyOn(Table.prototype, name).mockImplementation(powerCut),
    );
    expect((await send()).status).toBe(500);
    for (const spy of cut) spy.mockRestore();
    letTimePass(LEASE_MS);
    answer = () => Response.json({ success: false });
    await expectProblem(expect, await send(), "challenge-failed");
    answer = () => passed();
    expect((await send()).status).toBe(201);
    const list = await (await read("/tasks?limit=100")).text();
    expect(list.split(title)).toHaveLength(2);
  });

  it("comes after access: what is not public stays closed", async ({ expect }) => {
    const closed = { ...VARS, PUBLIC_ENDPOINTS: "users" };
    const headers = { "Turnstile-Token": "good" };
    const response = await post("/external-api", BODY, headers, closed);
    await expectProblem(expect, response, "unauthorized");
    expect(asked).toEqual([]);
  });
});
