import * as v from "valibot";
import { describe, it, type ExpectStatic } from "vitest";
import { parseEmail } from "../../../src/domain/email/canonical-email";
import { createEmailDomains } from "../../../src/domain/email/email-domains";
import { EmailCheck, checkEmail, type EmailCheckDeps } from "../../../src/domain/email/check-email";
import { fixedLimit } from "../../../src/lib/deadline";
import { fakeDns, type Reply } from "./fake-dns";

const MX: Reply = ["10 mx.example."];
const SERVFAIL = 2;
const NXDOMAIN = 3;
const notListed = async () => false;

async function judge(text: string, mx: Reply, deps: Partial<EmailCheckDeps> = {}) {
  const parsed = parseEmail(text);
  if (!parsed.ok) throw new Error(`Cannot judge ${text}`);
  return checkEmail(parsed.email, {
    resolve: fakeDns({ MX: mx, A: ["192.0.2.1"] }).resolve,
    isDisposable: notListed,
    ownersWord: () => undefined,
    limit: fixedLimit(Infinity, new AbortController().signal),
    ...deps,
  });
}

function expectCheck(expect: ExpectStatic, judgement: Awaited<ReturnType<typeof judge>>) {
  return expect(v.parse(EmailCheck, judgement));
}

describe("checkEmail accepts", () => {
  it("a domain with a mail server as deliverable", async ({ expect }) => {
    expectCheck(expect, await judge("a@iana.org", MX)).toEqual({
      verdict: "deliverable",
      reason: "mail-server-found",
    });
  });

  it("a domain with an address record only as risky", async ({ expect }) => {
    expectCheck(expect, await judge("a@iana.org", [])).toEqual({
      verdict: "risky",
      reason: "address-record-only",
    });
  });

  it("a likely typo that takes mail as risky, with the whole address suggested", async ({
    expect,
  }) => {
    expectCheck(expect, await judge("First.Last+x@gmial.com", MX)).toEqual({
      verdict: "risky",
      reason: "likely-typo",
      suggestion: "First.Last+x@gmail.com",
    });
  });

  it("a likely typo as unknown while DNS fails, still with the suggestion", async ({ expect }) => {
    expectCheck(expect, await judge("a@gmial.com", SERVFAIL)).toEqual({
      verdict: "unknown",
      reason: "dns-failed",
      suggestion: "a@gmail.com",
    });
  });

  it("any address while the list cannot be loaded", async ({ expect }) => {
    const judgement = await judge("a@iana.org", MX, {
      isDisposable: () => Promise.reject(new Error("no module")),
    });
    expectCheck(expect, judgement).toEqual({ verdict: "unknown", reason: "list-unavailable" });
  });

  it("any address once the deadline has passed, though nothing has answered", async ({
    expect,
  }) => {
    const deadline = new AbortController();
    const judgement = judge("a@iana.org", "never", {
      isDisposable: () => Promise.withResolvers<boolean>().promise,
      limit: fixedLimit(Infinity, deadline.signal),
    });
    deadline.abort();
    expectCheck(expect, await judgement).toEqual({ verdict: "unknown", reason: "dns-timeout" });
  });

  it("any address whose resolver throws before it returns a promise", async ({ expect }) => {
    const judgement = await judge("a@iana.org", MX, {
      resolve: () => {
        throw new TypeError("no resolver");
      },
    });
    expectCheck(expect, judgement).toEqual({ verdict: "unknown", reason: "dns-failed" });
  });
});

describe("checkEmail refuses", () => {
  it.for([
    ["a domain that does not exist", NXDOMAIN, "domain-not-found"],
    ["a domain that takes no mail", ["0 ."], "null-mx"],
  ] as const)("%s", async ([, mx, reason], { expect }) => {
    expect(await judge("a@iana.org", mx)).toEqual({ verdict: "undeliverable", reason });
  });

  it("a domain without any server", async ({ expect }) => {
    const { resolve } = fakeDns({});
    expect(await judge("a@iana.org", [], { resolve })).toEqual({
      verdict: "undeliverable",
      reason: "no-mail-server",
    });
  });

  it("a typo of a top-level domain with the address that was meant", async ({ expect }) => {
    expect(await judge("a@gmail.con", NXDOMAIN)).toEqual({
      verdict: "undeliverable",
      reason: "domain-not-found",
      suggestion: "a@gmail.com",
    });
  });

  it("a disposable domain without waiting for DNS", async ({ expect }) => {
    const judgement = await judge("a@mailinator.com", "never", { isDisposable: async () => true });
    expect(judgement).toEqual({ verdict: "undeliverable", reason: "disposable-domain" });
  });

  it("a disposable domain that is but near to another's name", async ({ expect }) => {
    const judgement = await judge("a@outbook.com", MX, { isDisposable: async () => true });
    expect(judgement).toEqual({
      verdict: "undeliverable",
      reason: "disposable-domain",
      suggestion: "a@outlook.com",
    });
  });
});

describe("EMAIL_DOMAINS", () => {
  const ownersWord = createEmailDomains({
    allow: ["mailinator.com", "gmial.com", "good.blocked.example"],
    block: ["Blocked.example", "b\u00fccher.example", "hotmial.com"],
  });
  const isDisposable = async () => true;

  it("wins over the list and over the typo finder", async ({ expect }) => {
    for (const address of ["a@mailinator.com", "a@x.mailinator.com", "a@gmial.com"]) {
      expect(await judge(address, MX, { ownersWord, isDisposable })).toEqual({
        verdict: "deliverable",
        reason: "mail-server-found",
      });
    }
    expect(await judge("a@good.blocked.example", MX, { ownersWord })).toMatchObject({
      verdict: "deliverable",
    });
  });

  it("refuses what is blocked, and what is below it", async ({ expect }) => {
    for (const address of ["a@blocked.example", "a@x.blocked.example", "a@xn--bcher-kva.example"]) {
      expect(await judge(address, MX, { ownersWord })).toEqual({
        verdict: "undeliverable",
        reason: "disposable-domain",
      });
    }
    expect(await judge("a@hotmial.com", MX, { ownersWord })).toMatchObject({
      verdict: "undeliverable",
      suggestion: "a@hotmail.com",
    });
  });

  it("does not make a mail server where there is none", async ({ expect }) => {
    expect(await judge("a@mailinator.com", NXDOMAIN, { ownersWord })).toMatchObject({
      verdict: "undeliverable",
    });
  });

  it("is refused where it cannot be read", ({ expect }) => {
    for (const allow of ["", "a b", "*.example.com", "example", "192.0.2.1"])
      expect(() => createEmailDomains({ allow: [allow] })).toThrow(TypeError);
    const both = { allow: ["a.example"], block: ["A.example"] };
    expect(() => createEmailDomains(both)).toThrow("allowed and blocked");
  });
});

it("checkEmail asks the list and DNS at the same time", async ({ expect }) => {
  const list = Promise.withResolvers<boolean>();
  const dns = fakeDns({ MX });
  const judgement = judge("a@iana.org", MX, {
    resolve: dns.resolve,
    isDisposable: () => list.promise,
  });
  expect(dns.asked).toEqual(["MX iana.org"]);
  list.resolve(false);
  expect(await judgement).toMatchObject({ verdict: "deliverable" });
});
