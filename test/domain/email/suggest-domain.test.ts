import { describe, it } from "vitest";
import { isPlainSlip, suggestDomain } from "../../../src/domain/email/suggest-domain";

describe("suggestDomain", () => {
  it.for([
    ["gmial.com", "gmail.com"],
    ["gmai.com", "gmail.com"],
    ["gmaill.com", "gmail.com"],
    ["gnail.com", "gmail.com"],
    ["gmail.con", "gmail.com"],
    ["gmail.cmo", "gmail.com"],
    ["gmail.co", "gmail.com"],
    ["gmial.con", "gmail.com"],
    ["yaho.com", "yahoo.com"],
    ["yahooo.co.uk", "yahoo.co.uk"],
    ["hotmial.com", "hotmail.com"],
    ["hotmal.con", "hotmail.com"],
    ["htomali.com", "hotmail.com"],
    ["outlok.com", "outlook.com"],
    ["iclould.com", "icloud.com"],
    ["protonmial.com", "protonmail.com"],
    ["example.con", "example.com"],
    ["mail.example.con", "mail.example.com"],
    ["charity.ogr", "charity.org"],
    ["gmail.org", "gmail.com"],
    ["gmail.net", "gmail.com"],
    ["gmail.com.com", "gmail.com"],
    ["gmail.id", "gmail.com"],
    ["gmail.co.id", "gmail.com"],
    ["gmail.c", "gmail.com"],
    ["hotmail.net", "hotmail.com"],
    ["hotmail.co", "hotmail.com"],
    ["outlook.org", "outlook.com"],
    ["yahoo.cm", "yahoo.com"],
    ["aol.com.com", "aol.com"],
    ["gmial.co", "gmail.com"],
    ["mgail.com", "gmail.com"],
    ["otmail.com", "hotmail.com"],
    ["gmsil.com", "gmail.com"],
    ["yajoo.com", "yahoo.com"],
  ] as const)("%s was meant as %s", ([typed, meant], { expect }) => {
    expect(suggestDomain(typed)).toBe(meant);
  });

  it.for([
    "gmail.com",
    "googlemail.com",
    "ymail.com",
    "mail.com",
    "email.com",
    "hotmail.de",
    "iana.org",
    "example.com",
    "hotmail.ch",
    "yahoo.pl",
    "max.com",
    "love.com",
    "example.co",
    "company.cm",
    "gmail.example.com",
    "xn--mnchen-3ya.de",
    "foxmail.com",
    "yopmail.com",
    "postmail.de",
    "cloud.com",
    // Near to a provider, and real.
    "emil.com",
    "fmail.com",
    "tmail.com",
    "gomail.com",
    "homemail.com",
    "photomail.com",
    "mail.co",
    "cloud.co",
    "live.org",
    "hotmail.co.th",
    "yahoo.com.sg",
    "outlook.jp",
    "gmx.org",
    "mac.co",
    "mails.com",
    "example.com.com",
  ])("%s is left alone", (domain, { expect }) => {
    expect(suggestDomain(domain)).toBeNull();
  });
});

it("A plain slip swaps two letters, leaves one out, or has another ending", ({ expect }) => {
  const slips = ["gmial.com", "gmai.com", "mgail.com", "gmail.org", "gmail.com.com"];
  const names = ["tmail.com", "ggmail.com", "liamg.com", "e-mail.com"];
  expect([...slips, ...names].filter((name) => isPlainSlip(name, "gmail.com"))).toEqual(slips);
});
