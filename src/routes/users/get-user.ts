// GET /users/<id>.
import { User } from "../../domain/records/users";
import { defineRoute } from "../../http/route";
import { IdParams, versioned } from "../record-replies";
import { findUser } from "./user-writes";

export const getUserRoute = defineRoute({
  operationId: "getUser",
  method: "GET",
  path: "/users/:id",
  access: "token",
  params: IdParams,
  reply: { status: 200, schema: User, headers: ["ETag"] },
  otherReplies: [{ status: 304, headers: ["ETag"] }],
  problems: [],
  handler: async ({ params }, call) => versioned(call, await findUser(call, params.id)),
});
