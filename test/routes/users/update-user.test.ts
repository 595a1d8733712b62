import * as v from "valibot";
import { afterEach, beforeEach, describe, it, vi } from "vitest";
import { User } from "../../../src/domain/records/users";
import { expectProblem } from "../../support/problem";
import {
  carriedOut,
  fakeDns,
  freshEmail,
  kvPrototype,
  letTimePass,
  patch,
  publishedUser,
  readUser,
  refuseKv,
  remove,
  restoreWorld,
  signUp,
  wakeUpAfter,
} from "../../support/users";
import { AUTHORIZATION, post, send } from "../../support/worker";

beforeEach(() => void fakeDns());
afterEach(restoreWorld);

const DAY_MS = 24 * 60 * 60_000;

/** Counts from now on how often a key of KV is written. */
function writesOf(id: string): () => number {
  const put = vi.spyOn(kvPrototype, "put");
  return () => put.mock.calls.filter(([key]) => key === id).length;
}

describe("PATCH /users/<id>", () => {
  it("merges, and answers with the next version", async ({ expect }) => {
    const user = await signUp(freshEmail(), { age: 36, metadata: { a: 1, b: { c: 2 } } });
    const response = await patch(user.id, { age: null, metadata: { a: null, b: { d: 3 } } });
    expect(response.status).toBe(200);
    expect(response.headers.get("ETag")).toBe('"2"');
    const changed = v.parse(User, await response.json());
    expect(changed).toEqual({
      ...user,
      age: null,
      metadata: { b: { c: 2, d: 3 } },
      updated_at: changed.updated_at,
      version: 2,
    });
    expect(await readUser(user.id)).toEqual(changed);
  });

  it("takes both media types of a merge patch", async ({ expect }) => {
    const { id } = await signUp(freshEmail());
    const type = { "Content-Type": "application/merge-patch+json" };
    expect((await patch(id, { name: "Grace" }, type)).status).toBe(200);
    const other = { "Content-Type": "application/json-patch+json" };
    await expectProblem(expect, await patch(id, [], other), "unsupported-media-type");
  });

  it("refuses what is not the caller's to change, all at once", async ({ expect }) => {
    const { id, version } = await signUp(freshEmail());
    const body = { id: "x", version: 9, created_at: "x", email_check: {}, name: null, email: null };
    const { errors = [] } = await expectProblem(expect, await patch(id, body), "invalid-body");
    expect(new Set(errors.map(({ pointer }) => pointer))).toEqual(
      new Set(Object.keys(body).map((key) => `#/${key}`)),
    );
    expect((await readUser(id)).version).toBe(version);
  });

  it("refuses metadata that grow too large, and changes nothing", async ({ expect }) => {
    const user = await signUp(freshEmail(), { metadata: { a: "x".repeat(3000) } });
    const response = await patch(user.id, { name: "Grace", metadata: { b: "x".repeat(3000) } });
    const { errors } = await expectProblem(expect, response, "invalid-body");
    expect(errors).toMatchObject([{ pointer: "#/metadata" }]);
    expect(await readUser(user.id)).toEqual(user);
  });

  it("keeps members that are named like those of every object", async ({ expect }) => {
    const { id } = await signUp(freshEmail(), {
      metadata: JSON.parse('{"constructor":"McLaren"}'),
    });
    const metadata = '{"__proto__":{"admin":true},"prototype":1}';
    await patch(id, { metadata: JSON.parse(metadata) });
    const text = await (await send(`/users/${id}`, { headers: AUTHORIZATION })).text();
    expect(text).toContain('{"constructor":"McLaren","__proto__":{"admin":true},"prototype":1}');
  });

  it("loses none of thirty changes at once", async ({ expect }) => {
    const { id } = await signUp(freshEmail());
    const responses = await Promise.all(
      Array.from({ length: 30 }, (_, n) => patch(id, { metadata: { [`key-${n}`]: n } })),
    );
    const versions = responses.map(({ headers }) => headers.get("ETag"));
    expect(new Set(versions)).toEqual(new Set(Array.from({ length: 30 }, (_, n) => `"${n + 2}"`)));
    const user = await readUser(id);
    expect(user.version).toBe(31);
    expect(Object.keys(user.metadata)).toHaveLength(30);
  });

  it("obeys If-Match: one of ten who know the same version wins", async ({ expect }) => {
    const { id } = await signUp(freshEmail());
    const headers = { "If-Match": '"1"' };
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, n) => patch(id, { name: `Name ${n}` }, headers)),
    );
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    for (const response of responses.filter(({ status }) => status !== 200)) {
      await expectProblem(expect, response, "precondition-failed");
    }
    expect((await readUser(id)).version).toBe(2);
    expect((await patch(id, { name: "x" }, { "If-Match": "*" })).status).toBe(200);
    await expectProblem(expect, await patch(id, {}, { "If-Match": "x" }), "malformed-request");
  });

  it("that changes nothing answers with the same version", async ({ expect }) => {
    const user = await signUp(freshEmail(), { age: 36, metadata: { a: 1 } });
    const same = { name: " Ada ", age: 36, metadata: { a: 1, b: null } };
    for (const body of [{}, same, { email: user.email }]) {
      const response = await patch(user.id, body);
      expect([response.status, response.headers.get("ETag")]).toEqual([200, '"1"']);
      expect(await response.json()).toEqual(user);
    }
  });

  it("gives ETags that hold for the next change, at once", async ({ expect }) => {
    const { id } = await signUp(freshEmail());
    let tag = '"1"';
    for (const name of ["Grace", "Mary", "Joan", "Ida"]) {
      const response = await patch(id, { name }, { "If-Match": tag });
      expect(response.status).toBe(200);
      tag = response.headers.get("ETag") ?? "";
      const read = await send(`/users/${id}`, { headers: AUTHORIZATION });
      expect(read.headers.get("ETag")).toBe(tag);
    }
    expect((await remove(id, { "If-Match": tag })).status).toBe(204);
  });

  it("shows at once while KV refuses it, and is published once when KV is back", async ({
    expect,
  }) => {
    const user = await signUp(freshEmail());
    await carriedOut();
    const allow = refuseKv();
    expect((await patch(user.id, { name: "Grace" })).status).toBe(200);
    expect((await patch(user.id, { age: 50 })).headers.get("ETag")).toBe('"3"');
    const changed = await readUser(user.id);
    expect(changed).toMatchObject({ name: "Grace", age: 50, version: 3 });
    await carriedOut();
    expect(await publishedUser(user.id)).toEqual(user);

    allow();
    const writes = writesOf(user.id);
    await wakeUpAfter(2000);
    expect(await publishedUser(user.id)).toEqual(changed);
    expect(writes()).toBe(1);
  });

  it("writes a key of KV no more than once a second, however often it changes", async ({
    expect,
  }) => {
    letTimePass(DAY_MS); // From here on time stands, and no alarm rings by itself.
    const { id } = await signUp(freshEmail());
    await carriedOut();
    const writes = writesOf(id);
    await Promise.all(
      Array.from({ length: 30 }, (_, n) => patch(id, { metadata: { [`key-${n}`]: n } })),
    );
    await carriedOut();
    expect(writes()).toBe(0);
    await wakeUpAfter(1000);
    expect(writes()).toBe(1);
    expect(await publishedUser(id)).toMatchObject({ version: 31 });
    await wakeUpAfter(1000);
    expect(writes()).toBe(1);
  });

  it("needs a token", async ({ expect }) => {
    const { id } = await signUp(freshEmail());
    const headers = { "Content-Type": "application/json" };
    const response = await send(`/users/${id}`, { method: "PATCH", headers, body: "{}" });
    await expectProblem(expect, response, "unauthorized");
  });
});

describe("a changed e-mail", () => {
  it("is checked, claimed, and frees the old one", async ({ expect }) => {
    const [from, to] = [freshEmail(), "Grace@gamil.com"];
    const { id } = await signUp(from);
    const changed = v.parse(User, await (await patch(id, { email: to })).json());
    expect(changed).toMatchObject({ email: to, version: 2, email_check: { verdict: "risky" } });
    await expectProblem(expect, await post("/users", { name: "x", email: to }), "email-taken");
    expect((await post("/users", { name: "x", email: from })).status).toBe(201);
    expect((await patch(id, { name: "Still" })).status).toBe(200);
    expect(await readUser(id)).toMatchObject({ name: "Still", email: to, version: 3 });
  });

  it("that is taken is a 409, and both users stay as they are", async ({ expect }) => {
    const [a, b] = await Promise.all([signUp(freshEmail()), signUp(freshEmail())]);
    const response = await patch(a.id, { name: "Changed", email: b.email.toUpperCase() });
    const text = await response.clone().text();
    expect(text).not.toContain(b.id);
    await expectProblem(expect, response, "email-taken");
    expect(await readUser(a.id)).toEqual(a);
    expect(await readUser(b.id)).toEqual(b);
  });

  it("that cannot receive mail is refused before anything changes", async ({ expect }) => {
    const user = await signUp(freshEmail());
    fakeDns(() => ({ Status: 3 }));
    const response = await patch(user.id, { email: "a@nowhere.example" });
    await expectProblem(expect, response, "undeliverable-email");
    expect(await readUser(user.id)).toEqual(user);
  });

  it("may be another spelling of the same", async ({ expect }) => {
    const email = freshEmail();
    const { id } = await signUp(email);
    const spelling = email.replace("person", "Person");
    expect(await (await patch(id, { email: spelling })).json()).toMatchObject({ email: spelling });
    await expectProblem(expect, await post("/users", { name: "x", email }), "email-taken");
  });

  it("is not checked again where it stays the same", async ({ expect }) => {
    const { id, email } = await signUp(freshEmail());
    const fetch = fakeDns();
    fetch.mockClear();
    expect((await patch(id, { email })).status).toBe(200);
    expect(fetch).not.toHaveBeenCalled();
  });

  it("goes to one of many who want it at once", async ({ expect }) => {
    const people = await Promise.all(Array.from({ length: 10 }, () => signUp(freshEmail())));
    const to = freshEmail();
    const responses = await Promise.all(people.map(({ id }) => patch(id, { email: to })));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(responses.filter(({ status }) => status === 409)).toHaveLength(9);
    const now = await Promise.all(people.map(({ id }) => readUser(id)));
    expect(now.filter(({ email }) => email === to)).toHaveLength(1);
    // Those who lost still hold their own.
    for (const { email } of now) {
      await expectProblem(expect, await post("/users", { name: "x", email }), "email-taken");
    }
  });

  it("cannot be swapped by two at once, and locks neither up", async ({ expect }) => {
    const [a, b] = await Promise.all([signUp(freshEmail()), signUp(freshEmail())]);
    const responses = await Promise.all([
      patch(a.id, { email: b.email }),
      patch(b.id, { email: a.email }),
    ]);
    expect(responses.map(({ status }) => status)).toEqual([409, 409]);
    expect(await readUser(a.id)).toEqual(a);
    expect(await readUser(b.id)).toEqual(b);
  });

  it("goes round a ring where one lets go first", async ({ expect }) => {
    const people = await Promise.all([1, 2, 3].map(() => signUp(freshEmail())));
    const [a, b, c] = people.map(({ id }) => id);
    const emails = people.map(({ email }) => email);
    for (const [id, email] of [
      [a, freshEmail()],
      [b, emails[0]],
      [c, emails[1]],
      [a, emails[2]],
    ] as const) {
      expect((await patch(id ?? "", { email })).status).toBe(200);
    }
    const now = await Promise.all(people.map(({ id }) => readUser(id)));
    expect(now.map(({ email }) => email)).toEqual([emails[2], emails[0], emails[1]]);
  });

  it("loses no other change that comes at the same time", async ({ expect }) => {
    const { id } = await signUp(freshEmail());
    const to = freshEmail();
    const responses = await Promise.all([
      ...Array.from({ length: 5 }, (_, n) => patch(id, { metadata: { [`a-${n}`]: n } })),
      patch(id, { email: to }),
      ...Array.from({ length: 5 }, (_, n) => patch(id, { metadata: { [`b-${n}`]: n } })),
    ]);
    expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 11 }, () => 200));
    const user = await readUser(id);
    expect(user).toMatchObject({ email: to, version: 12 });
    expect(Object.keys(user.metadata)).toHaveLength(10);
  });

  it("and a sign-up with the same e-mail at once leave it to one of them", async ({ expect }) => {
    const { id } = await signUp(freshEmail());
    const to = freshEmail();
    const responses = await Promise.all([
      patch(id, { email: to }),
      post("/users", { name: "Eve", email: to }),
    ]);
    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status < 300)).toHaveLength(1);
    expect(statuses).toContain(409);
  });
});
