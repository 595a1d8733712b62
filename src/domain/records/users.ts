// People who signed up: what they may send, what is kept, and how it may change.
import * as v from "valibot";
import { jsonObject } from "../../lib/json-object";
import { applyMergePatch } from "../../lib/merge-patch";
import { strictObject } from "../../lib/strict-object";
import { parseEmail, type Email } from "../email/canonical-email";
import { EmailCheck } from "../email/check-email";

const MAX_NAME_CHARACTERS = 200;
/** As JSON. With the other fields of a list entry it stays within the 1,024 bytes of KV's metadata. */
const MAX_NAME_BYTES = 400;
const MAX_METADATA_NAME_CHARACTERS = 100;
const MAX_METADATA_BYTES = 4096;

const Name = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1, "Empty"),
  v.maxLength(MAX_NAME_CHARACTERS),
  v.check((text) => isWithin(text, MAX_NAME_BYTES + '""'.length), "More than 400 bytes as JSON"),
  // Control characters and lone surrogates: not part of a name, but of attacks on logs and headers.
  v.check((text) => !/\p{Cc}|\p{Cs}/u.test(text), "Holds control characters"),
  v.description("At most 400 bytes as JSON in UTF-8, without the quotes around it."),
);

const EmailAddress = v.pipe(
  v.string(),
  v.maxLength(1024),
  v.rawCheck(({ dataset, addIssue }) => {
    const parsed = dataset.typed ? parseEmail(dataset.value) : { ok: true };
    if ("faults" in parsed) for (const message of parsed.faults) addIssue({ message });
  }),
  v.description("RFC 5321 and RFC 6531; any internationalised domain."),
);

const Age = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(150));

const Metadata = v.pipe(
  jsonObject(MAX_METADATA_NAME_CHARACTERS),
  v.check((value) => isWithin(value, MAX_METADATA_BYTES), "More than 4096 bytes as JSON"),
  v.description("Anything of yours, at most 4096 bytes as JSON."),
);

function isWithin(value: unknown, maxBytes: number): boolean {
  return new TextEncoder().encode(JSON.stringify(value)).length <= maxBytes;
}

/** The body of POST /users. */
export const CreateUser = strictObject({
  name: Name,
  email: EmailAddress,
  age: v.optional(v.nullable(Age), null),
  metadata: v.optional(Metadata, {}),
});
export type CreateUser = v.InferOutput<typeof CreateUser>;

/** The body of PATCH /users/<id>: a JSON merge patch (RFC 7396). */
export const UpdateUser = strictObject({
  name: v.exactOptional(Name),
  email: v.exactOptional(EmailAddress),
  age: v.exactOptional(v.nullable(Age)),
  metadata: v.exactOptional(v.nullable(jsonObject(MAX_METADATA_NAME_CHARACTERS))),
});
export type UpdateUser = v.InferOutput<typeof UpdateUser>;

const Instant = v.pipe(v.string(), v.isoTimestamp());

/** A user as it is stored and shown. */
export const User = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  name: v.string(),
  email: v.string(),
  age: v.nullable(v.number()),
  metadata: v.record(v.string(), v.unknown()),
  email_check: EmailCheck,
  created_at: Instant,
  updated_at: Instant,
  version: v.pipe(v.number(), v.description("Counts changes; the ETag is made of it.")),
});
export type User = v.InferOutput<typeof User>;

/** A user in a list: all but the metadata, small enough to stand in the list itself. */
export const UserSummary = v.omit(User, ["metadata"]);
export type UserSummary = v.InferOutput<typeof UserSummary>;

/** Makes a new user of an accepted sign-up. */
export function createUser(
  request: CreateUser,
  email: Email,
  emailCheck: EmailCheck,
  { id, now }: { id: string; now: number },
): User {
  const instant = new Date(now).toISOString();
  return {
    id,
    name: request.name,
    email: email.address,
    age: request.age,
    metadata: request.metadata,
    email_check: emailCheck,
    created_at: instant,
    updated_at: instant,
    version: 1,
  };
}

/**
 * The user after a patch, one version on, or what is wrong with the result.
 *
 * @param change the patch, with the check of a new address where it has one
 */
export function patchUser(user: User, change: UserChange, now: number): User | { fault: string } {
  const { metadata, ...fields } = change.patch;
  const merged =
    metadata === undefined ? user.metadata : (applyMergePatch(user.metadata, metadata) ?? {});
  const kept = v.safeParse(Metadata, merged);
  if (!kept.success) return { fault: kept.issues[0].message };
  return {
    ...user,
    ...fields,
    ...(change.email_check && { email_check: change.email_check }),
    metadata: kept.output,
    updated_at: new Date(now).toISOString(),
    version: user.version + 1,
  };
}

/** What changes a user: a patch whose address is in its stored form, and that address's check. */
export interface UserChange {
  readonly patch: UpdateUser;
  readonly email_check?: EmailCheck;
}

/** What KV gives the metadata of a key, in bytes of JSON. */
const MAX_SUMMARY_BYTES = 1024;

/** The list entry of a user. The longest have no room for a suggestion, which is as long as the address. */
export function summarizeUser({ metadata, ...summary }: User): UserSummary {
  if (isWithin(summary, MAX_SUMMARY_BYTES)) return summary;
  const { suggestion, ...email_check } = summary.email_check;
  return { ...summary, email_check };
}

/** The parsed form of an address that the schema has let pass. */
export function emailOf(text: string): Email {
  const parsed = parseEmail(text);
  if (!parsed.ok) throw new TypeError("An address must be validated before it is used");
  return parsed.email;
}
