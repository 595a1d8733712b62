// Replies that the routes of users share.
import * as v from "valibot";
import type { EmailRefusal } from "../../domain/email/check-sign-up-email";

/** Members of the problem `undeliverable-email`. */
export const RefusedEmail = v.object({
  reason: v.picklist([
    "disposable-domain",
    "domain-not-found",
    "no-mail-server",
    "null-mx",
    // Only if the caller wants doubtful input refused.
    "likely-typo",
  ]),
  suggestion: v.exactOptional(
    v.pipe(v.string(), v.description("The address that was probably meant.")),
  ),
}) satisfies v.GenericSchema<EmailRefusal>;
