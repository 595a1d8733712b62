// A caller of /users in tests. The replies' shapes are written down here once more, from the contract
// and not from the source, so that a change of either shows.
import * as v from "valibot";

const Summary = v.strictObject({
  id: v.pipe(v.string(), v.uuid()),
  name: v.string(),
  email: v.string(),
  age: v.nullable(v.number()),
  email_check: v.strictObject({
    verdict: v.picklist(["deliverable", "risky", "unknown"]),
    reason: v.string(),
    suggestion: v.optional(v.string()),
  }),
  confirmed_at: v.nullable(v.pipe(v.string(), v.isoTimestamp())),
  created_at: v.pipe(v.string(), v.isoTimestamp()),
  updated_at: v.pipe(v.string(), v.isoTimestamp()),
  version: v.number(),
});
const User = v.strictObject({
  ...Summary.entries,
  metadata: v.record(v.string(), v.unknown()),
});
export type User = v.InferOutput<typeof User>;

const Page = v.strictObject({ users: v.array(Summary), next_cursor: v.nullable(v.string()) });

const TOKEN = { Authorization: "Bearer dev" };

/** POST /users, without a token. */
export function post(
  origin: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${origin}/users`, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** Any other call under /users, with a token. */
export function call(origin: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { ...TOKEN, "Content-Type": "application/json" };
  return fetch(`${origin}/users${path}`, { ...init, headers });
}

/** The user in a reply. Throws when it is none, with the reply's text. */
export async function userOf(response: Response): Promise<User> {
  const text = await response.text();
  const parsed = v.safeParse(User, JSON.parse(text));
  if (parsed.success) return parsed.output;
  throw new Error(`Not a user: ${String(response.status)} ${text}`);
}

/** Signs somebody up. Throws unless that is a 201. */
export async function signUp(origin: string, email: string): Promise<User> {
  const response = await post(origin, { name: "Ada", email });
  if (response.status !== 201) throw new Error(`Refused: ${await response.text()}`);
  return userOf(response);
}

/** All users, by pages of 100. */
export async function listUsers(origin: string): Promise<v.InferOutput<typeof Summary>[]> {
  const users: v.InferOutput<typeof Summary>[] = [];
  let cursor: string | null = null;
  do {
    const query: string = cursor === null ? "" : `&cursor=${cursor}`;
    const response = await call(origin, `?limit=100${query}`);
    const page = v.parse(Page, await response.json());
    users.push(...page.users);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return users;
}
