// DELETE /tasks/<id>: deletes a task.
import * as v from "valibot";
import { unwrap } from "../../domain/records/context";
import { defineRoute } from "../../http/route";
import { tasksIn } from "../../runtime/tables";
import { conditionOf, IdParams } from "../record-replies";

/** Deletes a task, under `If-Match` only in that version. */
export const deleteTaskRoute = defineRoute({
  operationId: "deleteTask",
  method: "DELETE",
  path: "/tasks/:id",
  access: "token",
  params: IdParams,
  reply: { status: 204, schema: v.undefined() },
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, context) => {
    unwrap(await tasksIn(context.env).remove(id, conditionOf(context)));
    return undefined;
  },
});
