// /users over HTTP: verdicts from a real resolver, and two hundred people who want one e-mail.
import { beforeAll, describe, it } from "vitest";

import type { DnsResolver, Domain } from "../support/node/dns-resolver";
import { call, listUsers, post, signUp, userOf } from "../support/node/users";
import { sharedWorld, type World } from "../support/node/world";

let server: World["server"];
let dns: DnsResolver;

beforeAll(async () => {
  ({ server, dns } = await sharedWorld());
});

let count = 0;

function freshDomain(domain: Domain): string {
  count += 1;
  const name = `domain-${String(count)}.example`;
  dns.set(name, domain);
  return name;
}

describe("a sign-up", () => {
  it.for([
    ["mail-server", "deliverable", "mail-server-found"],
    ["address-only", "risky", "address-record-only"],
    ["failure", "unknown", "dns-failed"],
    ["http-error", "unknown", "dns-failed"],
    ["not-json", "unknown", "dns-failed"],
    ["reset", "unknown", "dns-failed"],
  ] as const)("at a domain with %s is %s", async ([domain, verdict, reason], { expect }) => {
    const user = await signUp(server.origin, `ada@${freshDomain(domain)}`);

    expect(user.email_check).toEqual({ verdict, reason });
  });

  it.for([
    ["null-mx", "null-mx"],
    ["no-such-domain", "domain-not-found"],
    ["empty", "no-mail-server"],
  ] as const)("at a domain with %s is refused", async ([domain, reason], { expect }) => {
    const email = `ada@${freshDomain(domain)}`;

    const response = await post(server.origin, { name: "Ada", email });

    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ code: "undeliverable-email", reason });
    expect((await listUsers(server.origin)).map((user) => user.email)).not.toContain(email);
  });

  it("does not wait for a resolver that is silent", async ({ expect }) => {
    const user = await signUp(server.origin, `ada@${freshDomain("silent")}`);

    expect(user.email_check).toEqual({ verdict: "unknown", reason: "dns-timeout" });
  });

  it("from a disposable-mail domain is refused without asking DNS", async ({ expect }) => {
    const response = await post(server.origin, { name: "Ada", email: "ada@mailinator.com" });

    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ reason: "disposable-domain" });
  });

  it("with a likely typo is told what was probably meant", async ({ expect }) => {
    const user = await signUp(server.origin, "ada@gamil.com");

    expect(user.email_check).toEqual({
      verdict: "risky",
      reason: "likely-typo",
      suggestion: "ada@gmail.com",
    });
  });

  it("costs one question where there is a mail server, three where there is none", async ({
    expect,
  }) => {
    const [has, hasNot] = [freshDomain("mail-server"), freshDomain("address-only")];

    await Promise.all([signUp(server.origin, `a@${has}`), signUp(server.origin, `a@${hasNot}`)]);

    expect(dns.questions(has)).toEqual(["MX"]);
    expect(dns.questions(hasNot).toSorted()).toEqual(["A", "AAAA", "MX"]);
  });
});

describe("two hundred sign-ups at once", () => {
  const SPELLINGS = [
    "rené@straße.example",
    "RENÉ@STRASSE.EXAMPLE".replace("STRASSE", "STRAßE"),
    "rene\u0301@straße.example",
    "René@xn--strae-oqa.example",
    "RENE\u0301@XN--STRAE-OQA.EXAMPLE",
  ];

  it("with one e-mail in different spellings make one user", async ({ expect }) => {
    const responses = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        post(server.origin, { name: `Caller ${String(n)}`, email: SPELLINGS[n % 5] }),
      ),
    );

    const statuses = responses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    expect(statuses.filter((status) => status === 409)).toHaveLength(199);
    const bodies = await Promise.all(responses.map((response) => response.text()));
    const refusals = bodies.filter((_, n) => statuses[n] === 409);
    const winner = bodies.find((_, n) => statuses[n] === 201) ?? "";
    const { id, name } = JSON.parse(winner) as { id: string; name: string };
    expect(refusals.filter((body) => body.includes(id) || body.includes(name))).toEqual([]);
    const found = (await listUsers(server.origin)).filter((user) =>
      user.email.includes("xn--strae"),
    );
    expect(found.map((user) => user.id)).toEqual([id]);
  });

  it("with as many e-mails make as many users", async ({ expect }) => {
    const domain = freshDomain("mail-server");
    const emails = Array.from({ length: 200 }, (_, n) => `person-${String(n)}@${domain}`);

    const users = await Promise.all(emails.map((email) => signUp(server.origin, email)));

    expect(new Set(users.map(({ id }) => id)).size).toBe(200);
    const listed = (await listUsers(server.origin)).filter(({ email }) => email.endsWith(domain));
    expect(listed.map(({ email }) => email).toSorted()).toEqual(emails.toSorted());
  });

  it("with one Idempotency-Key make one user", async ({ expect }) => {
    const body = { name: "Ada", email: `once@${freshDomain("mail-server")}` };

    const responses = await Promise.all(
      Array.from({ length: 50 }, () => post(server.origin, body, { "Idempotency-Key": "once" })),
    );

    const created = responses.filter(({ status }) => status === 201);
    const waiting = responses.filter(({ status }) => status === 409);
    expect(created.filter(({ headers }) => !headers.has("Idempotency-Replayed"))).toHaveLength(1);
    expect(created.length + waiting.length).toBe(50);
    expect(waiting.every(({ headers }) => headers.get("Retry-After") === "1")).toBe(true);
    const ids = new Set((await Promise.all(created.map(userOf))).map(({ id }) => id));
    expect(ids.size).toBe(1);
  });
});

describe("a user", () => {
  it("is changed, moved to another e-mail, deleted and created again", async ({ expect }) => {
    const domain = freshDomain("mail-server");
    const { id } = await signUp(server.origin, `a@${domain}`);

    const patch = { method: "PATCH", body: JSON.stringify({ email: `b@${domain}`, age: 7 }) };
    const moved = await userOf(await call(server.origin, `/${id}`, patch));
    expect(moved).toMatchObject({ id, email: `b@${domain}`, age: 7, version: 2 });
    expect(await userOf(await call(server.origin, `/${id}`))).toEqual(moved);
    expect((await call(server.origin, `/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await call(server.origin, `/${id}`)).status).toBe(404);
    await signUp(server.origin, `a@${domain}`);
    await signUp(server.origin, `b@${domain}`);
  });

  it("is in no line of the log", async ({ expect }) => {
    const email = `unseen-person@${freshDomain("failure")}`;
    const { id } = await signUp(server.origin, email);
    await post(server.origin, { name: "unseen-name", email });
    await post(server.origin, { name: "unseen-name", email: "unseen-wrong" });
    const patch = { method: "PATCH", body: '{"metadata":{"note":"unseen-note"}}' };
    await call(server.origin, `/${id}`, patch);

    expect(server.output()).toContain('"route":"/users"');
    expect(server.output()).not.toContain("unseen-");
  });
});
