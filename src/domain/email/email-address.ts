// The schema of an e-mail address in a body.
import * as v from "valibot";
import { parseEmail, type Email } from "./canonical-email";

/** An address by RFC 5321 and RFC 6531, of any internationalised domain; its faults are told one by one. */
export const EmailAddress = v.pipe(
  v.string(),
  v.maxLength(1024),
  v.rawCheck(({ dataset, addIssue }) => {
    const parsed = dataset.typed ? parseEmail(dataset.value) : { ok: true };
    if ("faults" in parsed) for (const message of parsed.faults) addIssue({ message });
  }),
  v.description("RFC 5321 and RFC 6531; any internationalised domain."),
);

/** The parsed form of an address that the schema has let pass. */
export function emailOf(text: string): Email {
  const parsed = parseEmail(text);
  if (!parsed.ok) throw new TypeError("An address must be validated before it is used");
  return parsed.email;
}
