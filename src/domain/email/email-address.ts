// The schema of an e-mail address in a request body.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { parseEmail, type Email } from "./canonical-email";

/**
 * An address by RFC 5321 and RFC 6531, of any internationalised domain. Each of its faults is an issue of its
 * own.
 */
export const EmailAddress = v.pipe(
  v.string(),
  maxCharacters(1024),
  v.rawCheck(({ dataset, addIssue }) => {
    const parsed = dataset.typed ? parseEmail(dataset.value) : { ok: true };
    if ("faults" in parsed) for (const message of parsed.faults) addIssue({ message });
  }),
  v.metadata({ alsoInSchema: { format: "idn-email" } }),
  v.description("RFC 5321 and RFC 6531; any internationalised domain."),
);

/** The parsed form of an address that has passed the schema. */
export function emailOf(text: string): Email {
  const parsed = parseEmail(text);
  if (!parsed.ok) throw new TypeError("An address must be validated before it is used");
  return parsed.email;
}
