// GET /users/<id>.
import { User } from "../../domain/records/users";
import { defineRoute } from "../../http/route";
import { IdParams, versioned } from "../record-replies";
import { findUser } from "./user-writes";

export const getUserRoute = defineRoute({
  operationId: "getUser",
  method: "GET",
  path: "/users/:id",
  summary: "Read a user",
  access: "token",
  params: IdParams,
  reply: { status: 200, schema: User, headers: ["ETag"] },
  otherReplies: [{ status: 304, description: "You have this version.", headers: ["ETag"] }],
  problems: [],
  handler: async ({ params }, call) => versioned(call, await findUser(call, params.id)),
});
