// GET /users: one page of the users that match the filters, or all of them as a stream.
import * as v from "valibot";
import { maxCharacters } from "../../lib/max-characters";
import { linkUrl } from "../../domain/links/link";
import { parseEmail } from "../../domain/email/canonical-email";
import { toUser } from "../../domain/records/context";
import { foldText, type UserFilters } from "../../domain/records/queries";
import { summarizeUser, UserSummary, type User } from "../../domain/records/users";
import {
  anyOfParameter,
  InstantParameter,
  ListQuery,
  type PageRequest,
  readAll,
  readPage,
  SearchParameter,
} from "../../http/list";
import { NextCursor } from "../../http/page";
import { accepts, csvFile, listReply, ndjsonOf, Reply, type Columns } from "../../http/reply";
import { defineRoute } from "../../http/route";
import type { RequestContext } from "../../http/request-context";
import { signerIn } from "../../runtime/links";
import { usersIn } from "../../runtime/tables";

const UserPage = v.strictObject({
  users: v.array(UserSummary),
  next_cursor: NextCursor,
});

const EmailParameter = v.pipe(
  v.string(),
  maxCharacters(1024, "too long"),
  v.check((text) => parseEmail(text).ok, "not an e-mail address"),
  v.description("The user with this address, however it is spelt."),
);

const UserQuery = v.object({
  ...ListQuery,
  email: v.optional(EmailParameter),
  q: v.optional(v.pipe(SearchParameter, v.description("Looks through names and addresses."))),
  verdict: v.optional(anyOfParameter(["deliverable", "risky", "unknown"])),
  confirmed: v.optional(v.picklist(["true", "false"], "true or false")),
  created_after: v.optional(InstantParameter),
  created_before: v.optional(InstantParameter),
});
type UserQuery = v.InferOutput<typeof UserQuery>;

const CSV_COLUMNS: Columns<User> = [
  "id",
  "name",
  "email",
  "age",
  ["verdict", ({ email_check }) => email_check.verdict],
  ["reason", ({ email_check }) => email_check.reason],
  ["suggestion", ({ email_check }) => email_check.suggestion],
  "metadata",
  "confirmed_at",
  "created_at",
  "updated_at",
  "version",
];

/** A user in an export of those who can be written to. */
type Listed = User & { readonly unsubscribe_url: string };

const LIST_COLUMNS: Columns<User | Listed> = [
  ...CSV_COLUMNS,
  ["unsubscribe_url", (user) => ("unsubscribe_url" in user ? user.unsubscribe_url : "")],
];

/** Answers with one page as JSON, or with all matching users as CSV or NDJSON. */
export const listUsersRoute = defineRoute({
  operationId: "listUsers",
  method: "GET",
  path: "/users",
  access: "token",
  query: UserQuery,
  reply: listReply(UserPage),
  problems: [],
  handler: async ({ query }, context) => {
    const filters = filtersOf(query);
    const table = usersIn(context.env);
    const read = (part: PageRequest) => table.page({ ...part, filters });
    const { headers } = context.request;
    const isLines = accepts(headers, "application/x-ndjson");
    if (isLines || accepts(headers, "text/csv")) {
      const all = readAll(query.order, read);
      const isList = filters.confirmed === true;
      const records = isList ? withLinks(all, await unsubscribeUrls(context)) : all;
      if (isLines) return new Reply(ndjsonOf(records), {});
      return csvFile("users", isList ? LIST_COLUMNS : CSV_COLUMNS, parsed(records));
    }
    const { records, reply } = await readPage(context, { ...query, filters }, read);
    return reply({ users: records.map((json) => summarizeUser(toUser(json))) });
  },
});

/** Returns a function that makes the address by which a user unsubscribes. */
async function unsubscribeUrls({ env, origin, config }: RequestContext) {
  const sign = await signerIn(env);
  const base = config.publicUrl ?? origin;
  return async (recordId: string) => {
    const link = { purpose: "unsubscribe", recordId, next: null } as const;
    return linkUrl(base, link, await sign(link));
  };
}

/** The same records, each with its address to unsubscribe. */
async function* withLinks(
  pages: AsyncGenerator<readonly string[]>,
  urlOf: (id: string) => Promise<string>,
): AsyncGenerator<string[]> {
  for await (const page of pages) {
    const links = page.map(async (json) => {
      const user = toUser(json);
      const listed: Listed = { ...user, unsubscribe_url: await urlOf(user.id) };
      return JSON.stringify(listed);
    });
    yield await Promise.all(links);
  }
}

async function* parsed(pages: AsyncGenerator<readonly string[]>): AsyncGenerator<User[]> {
  for await (const page of pages) yield page.map(toUser);
}

function filtersOf(query: UserQuery): UserFilters {
  const { email, q, verdict, confirmed, created_after, created_before } = query;
  const address = email === undefined ? undefined : parseEmail(email);
  return {
    email: address?.ok ? address.email.canonical : undefined,
    text: q && foldText(q),
    verdict,
    confirmed: confirmed && confirmed === "true",
    createdAfter: created_after,
    createdBefore: created_before,
  };
}
