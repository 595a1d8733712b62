// POST /users in workerd: validation, uniqueness, and what a sign-up costs.
import { env } from "cloudflare:workers";
import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { User } from "../../../src/domain/records/users";
import { expectProblem } from "../../support/problem";
import {
  carriedOut,
  fakeDns,
  freshEmail,
  kvPrototype,
  patch,
  publishedUser,
  read,
  readUser,
  refuseKv,
  remove,
  restoreWorld,
  SERVER_FAILURE,
  signUp,
  wakeUpAfter,
} from "../../support/users";
import { AUTHORIZATION, post } from "../../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

const RETRY_MS = 1000;

async function userOf(response: Response): Promise<User> {
  return v.parse(User, await response.json());
}

describe("a sign-up", () => {
  it("is answered with the user, where it is, and its version", async ({ expect }) => {
    const email = freshEmail();
    const body = { name: " Ada ", email, age: 36, metadata: { plan: "free", tags: ["a"] } };
    const response = await post("/users", body);
    expect(response.status).toBe(201);
    const user = await userOf(response);
    expect(user).toMatchObject({ ...body, name: "Ada", version: 1 });
    expect(user.email_check).toEqual({ verdict: "deliverable", reason: "mail-server-found" });
    expect(user.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(user.created_at).toBe(user.updated_at);
    expect(response.headers.get("Location")).toBe(`/users/${user.id}`);
    expect(response.headers.get("ETag")).toBe('"1"');
    expect(response.headers.get("Server-Timing")).toMatch(/^total;dur=\d/);
    expect(await readUser(user.id)).toEqual(user);
  });

  it("costs one KV write and nothing else of KV", async ({ expect }) => {
    const [put, get, list, remove] = (["put", "get", "list", "delete"] as const).map((method) =>
      vi.spyOn(kvPrototype, method),
    );
    expect((await post("/users", { name: "Ada", email: freshEmail() })).status).toBe(201);
    expect(put).toHaveBeenCalledTimes(1);
    for (const spy of [get, list, remove]) expect(spy).not.toHaveBeenCalled();
  });

  it("asks DNS once for a domain with a mail server", async ({ expect }) => {
    const fetch = fakeDns();
    fetch.mockClear();
    await post("/users", { name: "Ada", email: freshEmail() });
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("asks DNS nothing of a domain whose last answer still holds", async ({ expect }) => {
    const fetch = fakeDns(() => ({
      Status: 0,
      Answer: [{ type: 15, data: "10 mx.kept.example.", TTL: 60 }],
    }));
    fetch.mockClear();
    for (const name of ["ada", "eve"]) {
      const response = await post("/users", { name, email: `${name}@kept.example` });
      expect((await userOf(response)).email_check.verdict).toBe("deliverable");
    }
    expect(fetch).toHaveBeenCalledTimes(1);
  });

  it("has all its faults told at once", async ({ expect }) => {
    const body = { name: "", email: "nobody", age: -1, metadata: [], admin: true, role: "root" };
    const { errors = [] } = await expectProblem(expect, await post("/users", body), "invalid-body");
    const pointers = new Set(errors.map(({ pointer }) => pointer));
    expect(pointers).toEqual(
      new Set(["#/name", "#/email", "#/age", "#/metadata", "#/admin", "#/role"]),
    );
  });

  it.for([
    ["null-mx", { Status: 0, Answer: [{ type: 15, data: "0 ." }] }],
    ["domain-not-found", { Status: 3 }],
    ["no-mail-server", { Status: 0 }],
  ] as const)("is refused with the reason %s", async ([reason, answer], { expect }) => {
    fakeDns(() => answer);
    const put = vi.spyOn(kvPrototype, "put");
    const response = await post("/users", { name: "Ada", email: freshEmail() });
    const problem = await response.clone().json();
    const { errors } = await expectProblem(expect, response, "undeliverable-email");
    expect(problem).toMatchObject({ reason });
    expect(errors).toMatchObject([{ pointer: "#/email" }]);
    expect(put).not.toHaveBeenCalled();
  });

  it("is refused from a disposable-mail domain", async ({ expect }) => {
    const response = await post("/users", { name: "Ada", email: "ada@mailinator.com" });
    expect(await response.clone().json()).toMatchObject({ reason: "disposable-domain" });
    await expectProblem(expect, response, "undeliverable-email");
  });

  it("with a likely typo is accepted, and told", async ({ expect }) => {
    const user = await userOf(await post("/users", { name: "Ada", email: "Ada@gamil.com" }));
    expect(user.email_check).toEqual({
      verdict: "risky",
      reason: "likely-typo",
      suggestion: "Ada@gmail.com",
    });
  });

  it("with a likely typo of a dead domain is refused with the suggestion", async ({ expect }) => {
    fakeDns(() => ({ Status: 3 }));
    const response = await post("/users", { name: "Ada", email: "ada@gamil.com" });
    expect(await response.json()).toMatchObject({
      code: "undeliverable-email",
      suggestion: "ada@gmail.com",
    });
  });

  it.for(["fails", "throws", "lies"])(
    "is never blocked by a resolver that %s",
    async (how, { expect }) => {
      if (how === "fails") fakeDns(() => SERVER_FAILURE);
      if (how === "throws")
        vi.spyOn(globalThis, "fetch").mockRejectedValue(new Error("secret-host"));
      if (how === "lies") vi.spyOn(globalThis, "fetch").mockResolvedValue(new Response("<html>"));
      const response = await post("/users", { name: "Ada", email: freshEmail() });
      expect(response.status).toBe(201);
      const text = await response.text();
      expect(JSON.parse(text)).toMatchObject({
        email_check: { verdict: "unknown", reason: "dns-failed" },
      });
      expect(text).not.toContain("secret-host");
    },
  );

  it("does not wait for a resolver that is silent", async ({ expect }) => {
    vi.spyOn(globalThis, "fetch").mockReturnValue(new Promise(() => undefined));
    const user = await userOf(await post("/users", { name: "Ada", email: freshEmail() }));
    expect(user.email_check).toEqual({ verdict: "unknown", reason: "dns-timeout" });
  });
});

describe("one user per e-mail", () => {
  // One mailbox: case, Unicode form (é), and the domain as IDN, A-label, full width, in capitals.
  const SPELLINGS = [
    "zoé.müller@bücher.example",
    "ZOÉ.MÜLLER@BÜCHER.EXAMPLE",
    "zoe\u0301.mu\u0308ller@bu\u0308cher.example",
    "Zoé.Müller@xn--bcher-kva.example",
    "zoe\u0301.MÜLLER@XN--BCHER-KVA.EXAMPLE",
    " zoé.müller@bücher.example ",
    '"zoé.müller"@bücher.example',
    "zoé.müller@bücher。example",
    "zoé.müller@ｂücher.example",
  ];

  it("holds for two hundred sign-ups at once in different spellings", async ({ expect }) => {
    const put = vi.spyOn(kvPrototype, "put");
    const responses = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        post("/users", { name: `Caller ${n}`, email: SPELLINGS[n % SPELLINGS.length] }),
      ),
    );
    const created = responses.filter(({ status }) => status === 201);
    expect(created).toHaveLength(1);
    const [winner] = await Promise.all(created.map(userOf));
    for (const response of responses.filter(({ status }) => status !== 201)) {
      const text = await response.clone().text();
      // Nothing of who was there first.
      expect(text).not.toContain(winner?.id);
      expect(text).not.toContain(winner?.name);
      await expectProblem(expect, response, "email-taken");
    }
    expect(put).toHaveBeenCalledTimes(1);
    expect(await (await read("/users?limit=100")).text()).toContain(winner?.id);
  });

  it("holds after the first sign-up for each spelling", async ({ expect }) => {
    for (const email of SPELLINGS) {
      await expectProblem(expect, await post("/users", { name: "Eve", email }), "email-taken");
    }
  });

  it("lets different e-mails in at once", async ({ expect }) => {
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => post("/users", { name: "Ada", email: freshEmail() })),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(new Set([201]));
    const ids = new Set((await Promise.all(responses.map(userOf))).map(({ id }) => id));
    expect(ids.size).toBe(50);
  });
});

it("A sign-up is published in KV, with its list entry", async ({ expect }) => {
  const user = await userOf(
    await post("/users", { name: "Ada", email: freshEmail(), metadata: { a: 1 } }),
  );
  await carriedOut();
  const { value, metadata } = await env.USERS.getWithMetadata(user.id, "json");
  expect(value).toEqual(user);
  const { metadata: _, ...summary } = user;
  expect(metadata).toEqual(summary);
});

describe("while KV refuses writes", () => {
  it("a sign-up is there all the same, and published when KV is back", async ({ expect }) => {
    const email = freshEmail();
    const allow = refuseKv();
    const response = await post("/users", { name: "Ada", email });
    expect(response.status).toBe(201);
    const user = await userOf(response);
    expect(await readUser(user.id)).toEqual(user);
    expect(await (await read("/users")).text()).toContain(user.id);
    await expectProblem(expect, await post("/users", { name: "Eve", email }), "email-taken");
    await carriedOut();
    expect(await publishedUser(user.id)).toBeNull();

    allow();
    await wakeUpAfter(RETRY_MS);
    expect(await publishedUser(user.id)).toEqual(user);
  });

  it("nothing waits for a KV that never answers", async ({ expect }) => {
    const answered = Promise.withResolvers<void>();
    vi.spyOn(kvPrototype, "put").mockReturnValue(answered.promise);
    const user = await signUp(freshEmail());
    expect((await patch(user.id, { name: "Grace" })).status).toBe(200);
    expect((await remove(user.id)).status).toBe(204);
    answered.resolve();
  });

  it("the log tells neither who signs up nor what was sent", async ({ expect }) => {
    const lines: string[] = [];
    for (const level of ["log", "error", "warn", "info"] as const) {
      vi.spyOn(console, level).mockImplementation((...line) => void lines.push(line.join(" ")));
    }
    refuseKv();
    const email = `private-${freshEmail()}`;
    const metadata = { note: "private-note" };
    await post("/users", { name: "Private-Name", email, metadata }, AUTHORIZATION);
    await post("/users", { name: "Private-Name", email: "private-wrong" }, AUTHORIZATION);
    await post("/users", { name: "Private-Name", email }, AUTHORIZATION);
    await carriedOut();
    expect(lines.join("\n")).toContain('"effect":"publish"');
    expect(lines.join("\n").toLowerCase()).not.toContain("private-");
  });
});
