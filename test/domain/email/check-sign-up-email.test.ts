import { describe, it } from "vitest";
import type { EmailFinding } from "../../../src/domain/email/check-email";
import { checkSignUpEmail, recheckEmail } from "../../../src/domain/email/check-sign-up-email";

const EMAIL = { address: "a@b.example", canonical: "a@b.example", domain: "b.example" };
const DELIVERABLE = { verdict: "deliverable", reason: "mail-server-found" } as const;
const UNKNOWN = { verdict: "unknown", reason: "dns-timeout" } as const;
const UNDELIVERABLE = {
  verdict: "undeliverable",
  reason: "domain-not-found",
  suggestion: "a@c.example",
} as const;

const finding = (found: EmailFinding) => async () => found;

describe("checkSignUpEmail", () => {
  it("gives the check of an accepted address, also one without a result", async ({ expect }) => {
    expect(await checkSignUpEmail(finding(DELIVERABLE), EMAIL)).toEqual(DELIVERABLE);
    expect(await checkSignUpEmail(finding(UNKNOWN), EMAIL)).toEqual(UNKNOWN);
  });

  it("refuses an undeliverable one with its reason and what was meant", async ({ expect }) => {
    await expect(checkSignUpEmail(finding(UNDELIVERABLE), EMAIL)).rejects.toMatchObject({
      code: "undeliverable-email",
      options: {
        errors: [{ pointer: "#/email", detail: "The domain does not exist." }],
        extensions: { reason: "domain-not-found", suggestion: "a@c.example" },
      },
    });
  });
});

describe("recheckEmail", () => {
  it("takes for a risk what would have refused the sign-up", async ({ expect }) => {
    expect(await recheckEmail(finding(UNDELIVERABLE), EMAIL)).toEqual({
      ...UNDELIVERABLE,
      verdict: "risky",
    });
    expect(await recheckEmail(finding(DELIVERABLE), EMAIL)).toEqual(DELIVERABLE);
  });

  it("fails while there is no result", async ({ expect }) => {
    await expect(recheckEmail(finding(UNKNOWN), EMAIL)).rejects.toThrow("dns-timeout");
  });
});
