// PATCH /users/<id>: a JSON merge patch. A new e-mail is checked and claimed like that of a sign-up.
import { emailOf, UpdateUser, User, type UserChange } from "../../domain/records/users";
import { parseIfMatch } from "../../http/etag";
import { defineRoute } from "../../http/route";
import { writeThrough } from "../../runtime/record-writers";
import { checkSignUpEmail } from "../../domain/email/check-sign-up-email";
import { createEmailChecker } from "../../runtime/email-checker";
import { IdParams, versioned } from "../record-replies";
import { unwrapUser } from "../../domain/records/unwrap";
import { findUser, findWriterName, RefusedEmail } from "./user-writes";

export const updateUserRoute = defineRoute({
  operationId: "updateUser",
  method: "PATCH",
  path: "/users/:id",
  access: "token",
  params: IdParams,
  body: UpdateUser,
  bodyTypes: ["application/json", "application/merge-patch+json"],
  reply: { status: 200, schema: User, headers: ["ETag"] },
  problems: ["precondition-failed", "email-taken", "undeliverable-email"],
  problemMembers: RefusedEmail,
  handler: async ({ params: { id }, body }, call) => {
    const versions = parseIfMatch(call.request.headers);
    const { email } = await findUser(call, id);
    const change = { kind: "user" as const, change: await checkedChange(call.env, body, email) };
    const result = await writeThrough(call.env, await findWriterName(call, id), (writer) =>
      writer.update(id, change, versions),
    );
    return versioned(call, unwrapUser(result));
  },
});

/** The patch with its address in stored form, and checked where it is a new one. */
async function checkedChange(env: Env, patch: UpdateUser, current: string): Promise<UserChange> {
  if (patch.email === undefined) return { patch };
  const email = emailOf(patch.email);
  const stored = { ...patch, email: email.address };
  if (email.address === current) return { patch: stored };
  return { patch: stored, email_check: await checkSignUpEmail(createEmailChecker(env), email) };
}
