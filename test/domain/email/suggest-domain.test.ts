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
  ])("%s is left alone", (domain, { expect }) => {
    expect(suggestDomain(domain)).toBeNull();
  });
});

it("A plain slip swaps two letters or leaves one out", ({ expect }) => {
  const slips = ["gmial.com", "gmai.com", "mgail.com"];
  const names = ["gmail.com", "tmail.com", "ggmail.com", "liamg.com", "e-mail.com"];
  expect([...slips, ...names].filter((name) => isPlainSlip(name, "gmail.com"))).toEqual(slips);
});
