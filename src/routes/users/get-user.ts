// GET /users/<id>: one user.
import { DomainError } from "../../domain/errors";
import { toUser } from "../../domain/records/context";
import { User } from "../../domain/records/users";
import { defineRoute } from "../../http/route";
import { usersIn } from "../../runtime/tables";
import { IdParams, versioned } from "../record-replies";

/** Reads a user from the table. */
export const getUserRoute = defineRoute({
  operationId: "getUser",
  method: "GET",
  path: "/users/:id",
  access: "token",
  params: IdParams,
  reply: { status: 200, schema: User, headers: ["ETag"] },
  otherReplies: [{ status: 304, headers: ["ETag"] }],
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, context) => {
    const json = await usersIn(context.env).read(id);
    if (json === null) throw new DomainError("not-found", "There is no user with this id.");
    return versioned(context, toUser(json));
  },
});
