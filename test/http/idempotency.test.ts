// The Idempotency-Key header over POST /users: whatever is repeated, one user is created.
import * as v from "valibot";
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { KEEP_REPLY_MS } from "../../src/domain/idempotency";
import { User } from "../../src/domain/records/users";
import { Table } from "../../src/durable-objects/table";
import { expectProblem } from "../support/problem";
import {
  fakeDns,
  freshEmail,
  letTimePass,
  patch,
  read,
  remove,
  restoreWorld,
  usersTable,
} from "../support/users";
import { waitFor } from "../support/wait-for";
import { AUTHORIZATION, post, send } from "../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

let count = 0;
const REPLAYED = "Idempotency-Replayed";

function freshKey(): string {
  count += 1;
  return `key-${count}`;
}

function signUpWith(key: string, body: unknown, headers: Record<string, string> = {}) {
  return post("/users", body, { "Idempotency-Key": key, ...headers });
}

/** All that the table of users remembers of requests with keys, as JSON. */
function keptReplies(): Promise<string> {
  return runInDurableObject(usersTable(), (_, { storage }) =>
    JSON.stringify(storage.sql.exec("SELECT * FROM idempotency_keys").toArray()),
  );
}

async function userOf(response: Response): Promise<User> {
  return v.parse(User, await response.json());
}

it("A key that cannot be read is a 400 and creates nobody", async ({ expect }) => {
  const email = freshEmail();
  await expectProblem(expect, await signUpWith("a b", { name: "Ada", email }), "malformed-request");
  expect((await post("/users", { name: "Ada", email })).status).toBe(201);
});

describe("the same request again", () => {
  it("gets the same status, headers and body", async ({ expect }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    const first = await signUpWith(key, body);
    const again = await signUpWith(key, body);
    expect(first.headers.has(REPLAYED)).toBe(false);
    expect(again.headers.get(REPLAYED)).toBe("true");
    expect(again.status).toBe(201);
    for (const name of ["Location", "ETag", "Content-Type", "Request-Id"]) {
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(await again.text()).toBe(await first.text());
  });

  it("is told by its meaning, not by its bytes", async ({ expect }) => {
    const [key, email] = [freshKey(), freshEmail()];
    const first = await signUpWith(key, { name: "Ada", email });
    const again = await signUpWith(key, { email, metadata: {}, age: null, name: " Ada " });
    expect(again.headers.get(REPLAYED)).toBe("true");
    expect(await again.json()).toEqual(await first.json());
  });

  it("may have its key quoted or bare", async ({ expect }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    await signUpWith(`"${key}"`, body);
    expect((await signUpWith(key, body)).headers.get(REPLAYED)).toBe("true");
  });

  it("fifty times at once creates one user, and all get its reply in the end", async ({
    expect,
  }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    const responses = await Promise.all(Array.from({ length: 50 }, () => signUpWith(key, body)));
    const firsts = responses.filter(
      ({ status, headers }) => status === 201 && !headers.has(REPLAYED),
    );
    expect(firsts).toHaveLength(1);
    const ids = new Set<string>();
    for (const response of responses) {
      if (response.status === 201) ids.add((await userOf(response)).id);
      else {
        await expectProblem(expect, response, "idempotency-in-progress");
        expect(response.headers.get("Retry-After")).toBe("1");
      }
    }
    expect(ids.size).toBe(1);
    const first = firsts.map((response) => response.headers.get("Request-Id"));
    for (const replay of await Promise.all(
      Array.from({ length: 50 }, () => signUpWith(key, body)),
    )) {
      expect([replay.status, replay.headers.get(REPLAYED)]).toEqual([201, "true"]);
      expect(first).toEqual([replay.headers.get("Request-Id")]);
      expect(ids).toContain((await userOf(replay)).id);
    }
    const list = await (await read("/users?limit=100")).text();
    expect(list.split(body.email)).toHaveLength(2);
  });

  it("is told to wait while the first runs", async ({ expect }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    const answered = Promise.withResolvers<void>();
    const dns = fakeDns(async () => {
      await answered.promise;
      return { Status: 2 };
    });
    dns.mockClear();
    const first = signUpWith(key, body);
    await waitFor(() => expect(dns).toHaveBeenCalled());
    const waiting = await signUpWith(key, body);
    await expectProblem(expect, waiting, "idempotency-in-progress");
    const other = await signUpWith(key, { ...body, name: "Eve" });
    await expectProblem(expect, other, "idempotency-mismatch");
    answered.resolve();
    expect((await first).status).toBe(201);
    expect((await signUpWith(key, body)).headers.get(REPLAYED)).toBe("true");
  });

  it("gets the first reply although the user has changed since", async ({ expect }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    const first = await signUpWith(key, body);
    const user = await userOf(first.clone());
    await patch(user.id, { name: "Grace" });
    const again = await signUpWith(key, body);
    expect(again.headers.get("ETag")).toBe('"1"');
    expect(await again.text()).toBe(await first.text());
  });

  it("is gone once the user is deleted, and nothing of the reply is kept", async ({ expect }) => {
    const [key, email] = [freshKey(), freshEmail()];
    const body = { name: "Ada-Secret", email };
    const { id } = await userOf(await signUpWith(key, body));
    expect((await remove(id)).status).toBe(204);
    for (const _ of [1, 2]) {
      const response = await signUpWith(key, body);
      expect(response.headers.has(REPLAYED)).toBe(false);
      await expectProblem(expect, response, "gone");
    }
    expect(await keptReplies()).not.toContain("Ada-Secret");
    // The key stays taken; the address does not.
    const other = await signUpWith(key, { ...body, name: "Eve" });
    await expectProblem(expect, other, "idempotency-mismatch");
    expect((await signUpWith(freshKey(), body)).status).toBe(201);
  });

  it("is a new one after a day", async ({ expect }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    const { id } = await userOf(await signUpWith(key, body));
    letTimePass(KEEP_REPLY_MS - 60_000);
    expect((await signUpWith(key, body)).headers.get(REPLAYED)).toBe("true");
    letTimePass(60_000);
    await expectProblem(expect, await signUpWith(key, body), "email-taken");
    expect((await read(`/users/${id}`)).status).toBe(200);
  });
});

describe("another request", () => {
  it("with the same key is a mismatch, and says nothing of the first", async ({ expect }) => {
    const [key, email] = [freshKey(), freshEmail()];
    const { id } = await userOf(await signUpWith(key, { name: "Ada-Secret", email }));
    const response = await signUpWith(key, { name: "Eve", email: freshEmail() });
    const text = await response.clone().text();
    for (const secret of [id, email, "Ada-Secret"]) expect(text).not.toContain(secret);
    await expectProblem(expect, response, "idempotency-mismatch");
  });

  it("of another caller has keys of its own", async ({ expect }) => {
    const key = freshKey();
    const body = { name: "Ada", email: freshEmail() };
    const callers = [
      AUTHORIZATION,
      { Authorization: "Bearer second-token" },
      { "CF-Connecting-IP": "192.0.2.1" },
      { "CF-Connecting-IP": "192.0.2.2" },
      { "CF-Connecting-IP": "2001:db8:1::1" },
      { "CF-Connecting-IP": "2001:db8:2::1" },
    ];
    for (const [n, caller] of callers.entries()) {
      const response = await signUpWith(key, body, caller);
      expect(response.headers.has(REPLAYED)).toBe(false);
      expect(response.status).toBe(n === 0 ? 201 : 409);
    }
    expect((await signUpWith(key, body, AUTHORIZATION)).headers.get(REPLAYED)).toBe("true");
  });

  it("of the same caller finds its key however the scheme is written", async ({ expect }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    await signUpWith(key, body, AUTHORIZATION);
    const again = await signUpWith(key, body, { Authorization: "bearer  test-token" });
    expect(again.headers.get(REPLAYED)).toBe("true");
  });
});

describe("a refusal", () => {
  it("by the handler is kept like any reply", async ({ expect }) => {
    const email = freshEmail();
    await post("/users", { name: "Ada", email });
    const key = freshKey();
    const first = await signUpWith(key, { name: "Eve", email });
    const again = await signUpWith(key, { name: "Eve", email });
    expect([first.status, again.status]).toEqual([409, 409]);
    expect(again.headers.get(REPLAYED)).toBe("true");
    expect(again.headers.get("Content-Type")).toBe("application/problem+json");
    const text = await again.clone().text();
    expect(text).toBe(await first.text());
    await expectProblem(expect, again, "email-taken");
  });

  it("of the address is kept, also when DNS has changed its mind", async ({ expect }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    fakeDns(() => ({ Status: 3 }));
    await expectProblem(expect, await signUpWith(key, body), "undeliverable-email");
    fakeDns();
    const again = await signUpWith(key, body);
    expect(again.headers.get(REPLAYED)).toBe("true");
    expect(await again.json()).toMatchObject({ reason: "domain-not-found" });
  });

  it("of what is written wrongly leaves the key free, wherever that is found", async ({
    expect,
  }) => {
    for (const wrong of [{ title: "" }, { title: "x", notify: ["nobody"] }]) {
      const headers = { "Idempotency-Key": freshKey() };
      await expectProblem(expect, await post("/tasks", wrong, headers), "invalid-body");
      expect((await post("/tasks", { title: "x" }, headers)).status).toBe(201);
    }
  });

  it("of what is no request leaves the key free", async ({ expect }) => {
    const [key, email] = [freshKey(), freshEmail()];
    const good = { name: "Ada", email };
    const keyed = { "Idempotency-Key": key, "Content-Type": "application/json" };
    const attempts = [
      [{ ...keyed, Authorization: "Bearer wrong" }, "{}", 401],
      [{ ...keyed, "Content-Type": "text/plain" }, "{}", 415],
      [keyed, " ".repeat(1024 * 1024 + 1), 413],
      [keyed, "{", 400],
    ] as const;
    for (const [headers, body, status] of attempts) {
      expect((await send("/users", { method: "POST", headers, body })).status).toBe(status);
    }
    const response = await signUpWith(key, good);
    expect([response.status, response.headers.has(REPLAYED)]).toEqual([201, false]);
  });
});

describe("a crash", () => {
  it("between creation and reply: the same key gets the reply that was meant", async ({
    expect,
  }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    const create: Table["create"] = Reflect.get(Table.prototype, "create");
    const cut = vi.spyOn(Table.prototype, "create").mockImplementation(async function (
      this: Table,
      creation,
    ) {
      await Reflect.apply(create, this, [creation]);
      throw new Error("power cut");
    });
    expect((await signUpWith(key, body)).status).toBe(500);
    cut.mockRestore();
    await evictDurableObject(usersTable());
    const response = await signUpWith(key, body);
    expect([response.status, response.headers.get(REPLAYED)]).toEqual([201, "true"]);
    const user = await userOf(response);
    expect(await userOf(await read(`/users/${user.id}`))).toEqual(user);
    const list = await (await read("/users?limit=100")).text();
    expect(list.split(body.email)).toHaveLength(2);
  });

  it("before creation: the same key creates the user at once", async ({ expect }) => {
    const [key, body] = [freshKey(), { name: "Ada", email: freshEmail() }];
    const create = vi.spyOn(Table.prototype, "create").mockRejectedValue(new Error("secret"));
    const failed = await signUpWith(key, body);
    expect(await failed.clone().text()).not.toContain("secret");
    await expectProblem(expect, failed, "internal");
    create.mockRestore();
    const response = await signUpWith(key, body);
    expect([response.status, response.headers.has(REPLAYED)]).toEqual([201, false]);
  });
});

it("No key and no token stands readable in what is kept", async ({ expect }) => {
  const [key, email] = [`secret-${freshKey()}`, freshEmail()];
  await signUpWith(key, { name: "Ada", email }, AUTHORIZATION);
  const kept = await keptReplies();
  expect(kept).toContain(email);
  for (const secret of ["test-token", key]) expect(kept).not.toContain(secret);
});
