import { env } from "cloudflare:workers";
import { describe, it } from "vitest";
import { createDisposableTest } from "../../../src/domain/email/disposable-domains";
import { isPlainSlip, suggestDomain } from "../../../src/domain/email/suggest-domain";
import { readAsset } from "../../../src/runtime/assets";

const isDisposable = async (domain: string) =>
  createDisposableTest(await readAsset(env, "disposable-domains.txt"))(domain);

describe("The list of disposable domains", () => {
  it.for(["mailinator.com", "guerrillamail.com", "yopmail.com", "any.sub.mailinator.com"])(
    "finds %s",
    async (domain, { expect }) => {
      expect(await isDisposable(domain)).toBe(true);
    },
  );

  it.for([
    "gmail.com",
    "iana.org",
    "com",
    "xmailinator.example",
    "mailinator.com.example",
    // Forwarding services: a real reader is behind them.
    "privaterelay.appleid.com",
    "mozmail.com",
    "duck.com",
  ])("lets %s pass", async (domain, { expect }) => {
    expect(await isDisposable(domain)).toBe(false);
  });
});

it("Of the whole list only plain misspellings of big providers are told as typos", async ({
  expect,
}) => {
  const domains = (await readAsset(env, "disposable-domains.txt")).split("\n");
  const misspelt = domains.filter((domain) => {
    const meant = suggestDomain(domain);
    return meant !== null && isPlainSlip(domain, meant);
  });
  expect(misspelt.toSorted()).toEqual(["gmial.com", "hotmai.com", "hotmial.com"]);
});
