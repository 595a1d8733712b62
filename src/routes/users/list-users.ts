// GET /users: a page of users, or all of them as a stream.
import * as v from "valibot";
import { UserSummary, type User } from "../../domain/records/users";
import { PageQuery } from "../../http/page";
import { accepts, csv, ndjson, Reply, type Columns } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { usersIn } from "../../storage/users";
import { readPage } from "../record-replies";

const UserPage = v.strictObject({
  users: v.array(UserSummary),
  next_cursor: v.pipe(v.nullable(v.string()), v.description("null at the end.")),
});

const CSV_COLUMNS: Columns<User> = {
  id: ({ id }) => id,
  name: ({ name }) => name,
  email: ({ email }) => email,
  age: ({ age }) => age,
  verdict: ({ email_check }) => email_check.verdict,
  reason: ({ email_check }) => email_check.reason,
  suggestion: ({ email_check }) => email_check.suggestion,
  metadata: ({ metadata }) => metadata,
  created_at: ({ created_at }) => created_at,
  updated_at: ({ updated_at }) => updated_at,
  version: ({ version }) => version,
};

export const listUsersRoute = defineRoute({
  operationId: "listUsers",
  method: "GET",
  path: "/users",
  access: "token",
  query: PageQuery,
  reply: {
    status: 200,
    schema: UserPage,
    mediaTypes: ["application/x-ndjson", "text/csv"],
    headers: ["Link"],
  },
  problems: [],
  handler: async ({ query }, call) => {
    const users = usersIn(call.env.USERS);
    const { headers } = call.request;
    if (accepts(headers, "application/x-ndjson")) return new Reply(ndjson(users.all()), {});
    if (accepts(headers, "text/csv")) return new Reply(csv(CSV_COLUMNS, users.all()), {});
    const page = await readPage(call, users, query);
    return new Reply(
      { users: [...page.entries], next_cursor: page.cursor },
      { headers: page.headers },
    );
  },
});
