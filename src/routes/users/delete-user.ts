// DELETE /users/<id>: deletes a user and frees the e-mail address.
import * as v from "valibot";
import { unwrap } from "../../domain/records/context";
import { defineRoute } from "../../http/route";
import { usersIn } from "../../runtime/tables";
import { conditionOf, IdParams } from "../record-replies";

/** Deletes a user, under `If-Match` only in that version; the user's tasks lose their assignee. */
export const deleteUserRoute = defineRoute({
  operationId: "deleteUser",
  method: "DELETE",
  path: "/users/:id",
  access: "token",
  params: IdParams,
  reply: { status: 204, schema: v.undefined() },
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, context) => {
    unwrap(await usersIn(context.env).remove(id, conditionOf(context)));
    return undefined;
  },
});
