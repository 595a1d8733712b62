// The check of a sign-up's address, once more: DNS did not answer in time when it was made.
import type { EmailCheck } from "../email/check-email";
import { emailOf } from "./users";
import { createEmailChecker } from "../../runtime/email-checker";

/**
 * What is found now. The sign-up was accepted: what should have refused it is a risk.
 *
 * @throws Error while the check is still without a result, so that it is repeated
 */
export async function recheckEmail(address: string, env: Env): Promise<EmailCheck> {
  const check = await createEmailChecker(env)(emailOf(address));
  if (check.verdict === "unknown") throw new Error(check.reason);
  if (check.verdict !== "undeliverable") return check;
  const { reason, suggestion } = check;
  return { verdict: "risky", reason, ...(suggestion !== undefined && { suggestion }) };
}
