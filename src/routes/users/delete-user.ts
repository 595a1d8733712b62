// DELETE /users/<id>: removes the user and frees the e-mail.
import * as v from "valibot";
import { parseIfMatch } from "../../http/etag";
import { defineRoute } from "../../http/route";
import { writeThrough } from "../../runtime/record-writers";
import { IdParams } from "../record-replies";
import { unwrapUser } from "../../domain/records/unwrap";
import { findWriterName } from "./user-writes";

export const deleteUserRoute = defineRoute({
  operationId: "deleteUser",
  method: "DELETE",
  path: "/users/:id",
  access: "token",
  params: IdParams,
  reply: { status: 204, schema: v.undefined() },
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, call) => {
    const versions = parseIfMatch(call.request.headers);
    const name = await findWriterName(call, id);
    unwrapUser(await writeThrough(call.env, name, (writer) => writer.remove(id, versions)));
    return undefined;
  },
});
