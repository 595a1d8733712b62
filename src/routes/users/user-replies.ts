// Replies that the routes of users share.
import * as v from "valibot";
import type { UndeliverableEmail } from "../../domain/email/check-email";

/** Members of the problem `undeliverable-email`. */
export const RefusedEmail = v.object({
  reason: v.picklist(["disposable-domain", "domain-not-found", "no-mail-server", "null-mx"]),
  suggestion: v.exactOptional(
    v.pipe(v.string(), v.description("The address that was probably meant.")),
  ),
}) satisfies v.GenericSchema<Omit<UndeliverableEmail, "verdict">>;
