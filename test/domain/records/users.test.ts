import * as fc from "fast-check";
import * as v from "valibot";
import { describe, it } from "vitest";
import { faultsOf } from "../../../src/domain/errors";
import { emailOf } from "../../../src/domain/email/email-address";
import {
  createUser,
  CreateUser,
  patchUser,
  summarizeUser,
  UpdateUser,
  User,
  UserSummary,
} from "../../../src/domain/records/users";

/** Bytes of metadata that KV stores with a key (developers.cloudflare.com/kv/platform/limits). */
const MAX_KV_METADATA_BYTES = 1024;
const ID = "0190f5ac-7a5c-7c3e-8a3a-0123456789ab";
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 6);
const check = { verdict: "deliverable", reason: "mail-server-found" } as const;

function newUser(fields: Partial<v.InferInput<typeof CreateUser>> = {}): User {
  const request = v.parse(CreateUser, { name: "Ada", email: "Ada@Example.com", ...fields });
  return createUser(request, emailOf(request.email), check, { id: ID, now: NOW });
}

function faultsIn(schema: typeof CreateUser | typeof UpdateUser, value: unknown): unknown[] {
  return faultsOf(v.safeParse(schema, value)).map(({ pointer }) =>
    pointer.slice("#/".length).replaceAll("/", "."),
  );
}

/** The size of a user's list entry. */
function entryBytes(user: User): number {
  return new TextEncoder().encode(JSON.stringify(summarizeUser(user))).length;
}

describe("a sign-up", () => {
  it("becomes version 1 of a user with the address as it is sent to", ({ expect }) => {
    const user = newUser({
      name: "  Ada  ",
      email: " Ada@EXAMPLE.com ",
      age: 36,
      metadata: { a: 1 },
    });
    expect(v.parse(User, user)).toEqual({
      id: ID,
      name: "Ada",
      email: "Ada@example.com",
      age: 36,
      metadata: { a: 1 },
      email_check: check,
      confirmed_at: null,
      created_at: "2026-01-02T03:04:05.006Z",
      updated_at: "2026-01-02T03:04:05.006Z",
      version: 1,
    });
  });

  it("needs no age and no metadata", ({ expect }) => {
    expect(newUser()).toMatchObject({ age: null, metadata: {} });
    expect(newUser({ age: null })).toMatchObject({ age: null });
  });

  it("has all its faults told at once", ({ expect }) => {
    const wrong = { name: " ", email: "no at", age: 1.5, metadata: [], admin: true, role: "x" };
    expect(new Set(faultsIn(CreateUser, wrong))).toEqual(
      new Set(["name", "email", "age", "metadata", "admin", "role"]),
    );
  });

  it.for([
    ["name", ""],
    ["name", "x".repeat(201)],
    ["name", "a\u0000b"],
    ["name", "a\r\nSet-Cookie: x"],
    ["name", "a\u0085b"],
    ["name", "\ud800"],
    ["name", 5],
    ["email", "a@b@c"],
    ["email", "a@[127.0.0.1]"],
    ["email", `${"x".repeat(65)}@example.com`],
    ["email", ["a@example.com"]],
    ["age", -1],
    ["age", 151],
    ["age", "36"],
    ["age", Number.NaN],
    ["metadata", null],
    ["metadata", []],
    ["metadata", "text"],
    ["metadata", { text: "x".repeat(4096) }],
    ["metadata", { text: "é".repeat(2048) }],
  ] as const)("is refused with the %s %j", ([field, value], { expect }) => {
    const body = { name: "Ada", email: "a@example.com", [field]: value };
    expect(faultsIn(CreateUser, body)).toContain(field);
  });

  it("keeps metadata whose names are those of every object", ({ expect }) => {
    const metadata: unknown = JSON.parse(
      '{"constructor":"McLaren","prototype":1,"__proto__":{"a":1}}',
    );
    const { metadata: kept } = v.parse(CreateUser, { name: "Ada", email: "a@b.example", metadata });
    expect(JSON.stringify(kept)).toBe(JSON.stringify(metadata));
    expect({}).not.toHaveProperty("a");
  });
});

describe("a list entry", () => {
  it("has everything but the metadata", ({ expect }) => {
    const { metadata, ...rest } = newUser({ metadata: { secret: 1 } });
    expect(v.parse(UserSummary, summarizeUser({ ...rest, metadata }))).toEqual(rest);
  });

  it("fits into KV's metadata whatever the name", ({ expect }) => {
    // The longest address that JSON makes longest, and a version that nobody reaches.
    const email = `"${'\\"'.repeat(31)}"@${`${"x".repeat(63)}.`.repeat(2)}${"x".repeat(57)}.co`;
    const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 });
    const long = fc
      .constantFrom('"', "\\", "€", "😀", "é")
      .map((text) => text.repeat(200 / text.length));
    const mixed = fc
      .tuple(fc.nat(200), fc.nat(200))
      .map(([a, b]) => `a${"€".repeat(a)}${'"'.repeat(b)}`);
    fc.assert(
      fc.property(fc.oneof(name, long, mixed), (text) => {
        const parsed = v.safeParse(CreateUser, { name: text, email, age: 150 });
        if (!parsed.success) return;
        const made = createUser(parsed.output, emailOf(email), check, { id: ID, now: NOW });
        expect(entryBytes({ ...made, version: 9_999_999_999 })).toBeLessThanOrEqual(
          MAX_KV_METADATA_BYTES,
        );
      }),
      { numRuns: 500 },
    );
  });

  it.for(["hotmial.com", `${`${"x".repeat(63)}.`.repeat(2)}${"x".repeat(56)}.con`])(
    "fits with a suggestion as well, which is left out where it does not: %s",
    (domain, { expect }) => {
      const email = `"${'\\"'.repeat(31)}"@${domain}`;
      const made = newUser({ name: '"'.repeat(200), email, age: 150 });
      const suggestion = email.replace("hotmial", "hotmail").replace(/con$/, "com");
      const risky = { verdict: "risky", reason: "likely-typo", suggestion } as const;
      const user = { ...made, email_check: risky, version: 9_999_999_999 };
      expect(entryBytes(user)).toBeLessThanOrEqual(MAX_KV_METADATA_BYTES);
      const isShort = domain === "hotmial.com";
      expect("suggestion" in summarizeUser(user).email_check).toBe(isShort);
    },
  );
});

describe("a patch", () => {
  const LATER = NOW + 1000;
  const patched = (user: User, patch: v.InferInput<typeof UpdateUser>) =>
    patchUser(user, { patch: v.parse(UpdateUser, patch) }, LATER);

  it("changes what it names, and counts", ({ expect }) => {
    const user = newUser({ age: 36, metadata: { a: 1, b: { c: 2, d: 3 } } });
    expect(patched(user, { name: " Grace ", metadata: { a: null, b: { c: 9 }, e: [1] } })).toEqual({
      ...user,
      name: "Grace",
      metadata: { b: { c: 9, d: 3 }, e: [1] },
      updated_at: "2026-01-02T03:04:06.006Z",
      version: 2,
    });
  });

  it("that changes nothing makes no version", ({ expect }) => {
    const user = newUser({ age: 36, metadata: { a: 1, b: {} } });
    const same = { name: " Ada ", age: 36, metadata: { a: 1, b: {}, c: null } };
    for (const patch of [{}, same]) expect(patched(user, patch)).toBe(user);
  });

  it("removes the age and the metadata by null", ({ expect }) => {
    const user = newUser({ age: 36, metadata: { a: 1 } });
    expect(patched(user, { age: null })).toMatchObject({ age: null, metadata: { a: 1 } });
    expect(patched(user, { metadata: null })).toMatchObject({ age: 36, metadata: {} });
  });

  it("can take away neither name nor e-mail, nor name what is not the caller's", ({ expect }) => {
    const body = {
      name: null,
      email: null,
      id: ID,
      version: 9,
      email_check: check,
      created_at: "x",
    };
    expect(new Set(faultsIn(UpdateUser, body))).toEqual(new Set(Object.keys(body)));
  });

  it("cannot grow the metadata beyond their limit in steps", ({ expect }) => {
    const user = newUser({ metadata: { a: "x".repeat(4000) } });
    expect(patched(user, { metadata: { b: "x".repeat(200) } })).toEqual({
      fault: "More than 4096 bytes as JSON",
    });
    expect(patched(user, { metadata: { a: null, b: "x".repeat(4000) } })).toMatchObject({
      version: 2,
    });
  });

  it("takes the check of a new address along", ({ expect }) => {
    const change = {
      patch: { email: "b@example.com" },
      email_check: { verdict: "unknown", reason: "dns-failed" },
    } as const;
    expect(patchUser(newUser(), change, LATER)).toMatchObject({
      email: "b@example.com",
      email_check: change.email_check,
    });
  });
});
