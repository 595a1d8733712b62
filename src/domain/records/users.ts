// People who signed up: what they may send, what is kept, and how it may change.
import { toIsoTime } from "../../lib/iso-time";
import * as v from "valibot";
import { strictObject } from "../../lib/strict-object";
import type { Email } from "../email/canonical-email";
import { EmailCheck } from "../email/check-email";
import { oneLine } from "../text";
import { EmailAddress } from "../email/email-address";
import { isWithin, Metadata, MetadataPatch, patchMetadata, StoredMetadata } from "./metadata";
import { revise } from "./revise";

const MAX_NAME_CHARACTERS = 200;
/** As JSON. With the other fields of a list entry it stays within the 1,024 bytes of KV's metadata. */
const MAX_NAME_BYTES = 400;

const Name = v.pipe(
  oneLine(MAX_NAME_CHARACTERS),
  v.check((text) => isWithin(text, MAX_NAME_BYTES + '""'.length), "More than 400 bytes as JSON"),
  v.description("At most 400 bytes as JSON in UTF-8, without the quotes around it."),
);

const Age = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(150));

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
  metadata: v.exactOptional(MetadataPatch),
});
export type UpdateUser = v.InferOutput<typeof UpdateUser>;

const Instant = v.pipe(v.string(), v.isoTimestamp());

/** A user as it is stored and shown. */
export const User = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  name: v.string(),
  email: v.string(),
  age: v.nullable(v.number()),
  metadata: StoredMetadata,
  email_check: EmailCheck,
  confirmed_at: v.pipe(
    v.nullable(Instant),
    v.description("When the address was confirmed; null where nobody was asked to."),
  ),
  created_at: Instant,
  updated_at: Instant,
  version: v.pipe(v.number(), v.description("Counts changes; the ETag is made of it.")),
});
export type User = v.InferOutput<typeof User>;

/** A user in a list: all but the metadata. */
export const UserSummary = v.omit(User, ["metadata"]);
export type UserSummary = v.InferOutput<typeof UserSummary>;

/** Makes a new user of an accepted sign-up. `now` is in milliseconds since 1970 UTC. */
export function createUser(
  request: CreateUser,
  email: Email,
  emailCheck: EmailCheck,
  { id, now }: { id: string; now: number },
): User {
  const instant = toIsoTime(now);
  return {
    id,
    name: request.name,
    email: email.address,
    age: request.age,
    metadata: request.metadata,
    email_check: emailCheck,
    confirmed_at: null,
    created_at: instant,
    updated_at: instant,
    version: 1,
  };
}

/** A change of a user: a patch whose address is in its stored form, and that address's check. */
export interface UserChange {
  readonly patch: UpdateUser;
  readonly email_check?: EmailCheck;
}

/**
 * The user after a change, one version on; the very user where nothing changes; or what is wrong with the
 * result.
 */
export function patchUser(user: User, change: UserChange, now: number): User | { fault: string } {
  const { metadata, ...fields } = change.patch;
  const patched = patchMetadata(user.metadata, metadata);
  if ("fault" in patched) return patched;
  const { email_check = user.email_check } = change;
  return revise(user, { ...user, ...fields, email_check, ...patched }, now);
}

/** Bytes of JSON that KV gives the metadata of a key. */
const MAX_SUMMARY_BYTES = 1024;

/** The list entry of a user. The longest have no room for a suggestion, which is as long as the address. */
export function summarizeUser({ metadata, ...summary }: User): UserSummary {
  if (isWithin(summary, MAX_SUMMARY_BYTES)) return summary;
  const { suggestion, ...email_check } = summary.email_check;
  return { ...summary, email_check };
}
