// GET /users: a page of users, or all of them as a stream.
import * as v from "valibot";
import { UserSummary, type User } from "../../domain/records/users";
import { PageQuery } from "../../http/page";
import { accepts, csv, ndjson, Reply } from "../../http/reply";
import { defineRoute } from "../../http/route";
import { usersIn } from "../../storage/users";
import { readPage } from "../record-replies";

const UserPage = v.strictObject({
  users: v.array(UserSummary),
  next_cursor: v.pipe(v.nullable(v.string()), v.description("null at the end.")),
});

const CSV_COLUMNS = [
  "id",
  "name",
  "email",
  "age",
  "verdict",
  "reason",
  "suggestion",
  "metadata",
  "created_at",
  "updated_at",
  "version",
];

export const listUsersRoute = defineRoute({
  operationId: "listUsers",
  method: "GET",
  path: "/users",
  summary: "List users, or export them all",
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
    if (accepts(headers, "text/csv")) return new Reply(csv(CSV_COLUMNS, rows(users.all())), {});
    const page = await readPage(call, users, query);
    return new Reply(
      { users: [...page.entries], next_cursor: page.cursor },
      { headers: page.headers },
    );
  },
});

async function* rows(pages: AsyncGenerator<readonly User[]>): AsyncGenerator<unknown[][]> {
  for await (const page of pages) yield page.map(toRow);
}

function toRow(user: User): unknown[] {
  const { verdict, reason, suggestion } = user.email_check;
  const { id, name, email, age, metadata, created_at, updated_at, version } = user;
  const dates = [created_at, updated_at];
  return [id, name, email, age, verdict, reason, suggestion, metadata, ...dates, version];
}
