// PATCH /users/<id>: applies a JSON merge patch (RFC 7396). A new address is checked as at a sign-up.
import { changeUser } from "../../domain/records/sign-up";
import { UpdateUser, User } from "../../domain/records/users";
import { defineRoute } from "../../http/route";
import { conditionOf, IdParams, recordContextOf, versioned } from "../record-replies";
import { RefusedEmail } from "./user-replies";

/** Changes a user, under `If-Match` only in that version. */
export const updateUserRoute = defineRoute({
  operationId: "updateUser",
  method: "PATCH",
  path: "/users/:id",
  access: "token",
  params: IdParams,
  body: UpdateUser,
  bodyTypes: ["application/json", "application/merge-patch+json"],
  reply: { status: 200, schema: User, headers: ["ETag"] },
  problems: ["precondition-failed", "wrong-state", "email-taken", "undeliverable-email"],
  problemMembers: RefusedEmail,
  handler: async ({ params: { id }, body }, context) => {
    const user = await changeUser(id, body, conditionOf(context), recordContextOf(context));
    return versioned(context, user);
  },
});
