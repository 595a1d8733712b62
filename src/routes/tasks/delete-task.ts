// DELETE /tasks/<id>.
import * as v from "valibot";
import { unwrapTask } from "../../domain/records/unwrap";
import { parseIfMatch } from "../../http/etag";
import { defineRoute } from "../../http/route";
import { recordWriter, taskWriterName } from "../../runtime/record-writers";
import { IdParams } from "../record-replies";

export const deleteTaskRoute = defineRoute({
  operationId: "deleteTask",
  method: "DELETE",
  path: "/tasks/:id",
  access: "token",
  params: IdParams,
  reply: { status: 204, schema: v.undefined() },
  problems: ["precondition-failed"],
  handler: async ({ params: { id } }, { env, request }) => {
    const versions = parseIfMatch(request.headers);
    unwrapTask(await recordWriter(env, taskWriterName(id)).remove(id, versions));
    return undefined;
  },
});
