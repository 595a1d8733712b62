import { describe, it } from "vitest";
import { isDisposable } from "../../../src/domain/email/disposable-domains";

describe("isDisposable", () => {
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
