// Sign-ups for tests: DNS is answered here, KV fails on demand, and time is moved by hand.
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm } from "cloudflare:test";
import * as v from "valibot";
import { vi } from "vitest";
import { User } from "../../src/domain/records/users";
import type { Table } from "../../src/durable-objects/table";
import { AUTHORIZATION, post, send } from "./worker";

/** A resolver's JSON. */
export interface DnsReply {
  readonly Status: number;
  readonly Answer?: readonly {
    readonly type: number;
    readonly data: string;
    readonly TTL?: number;
  }[];
}

/** DNS answer of a domain with a mail server. */
export const HAS_MAIL_SERVER: DnsReply = {
  Status: 0,
  Answer: [{ type: 15, data: "10 mx.example.com." }],
};
/** DNS answer SERVFAIL. */
export const SERVER_FAILURE: DnsReply = { Status: 2 };

/** Answers every DNS query here, in place of the network. */
export function fakeDns(
  answer: (name: string, type: string) => DnsReply | Promise<DnsReply> = () => HAS_MAIL_SERVER,
) {
  return vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const { searchParams } = new URL(input instanceof Request ? input.url : input);
    const [name, type] = [searchParams.get("name") ?? "", searchParams.get("type") ?? ""];
    return Response.json(await answer(name, type));
  });
}

/** The user's copy in KV, or null. */
export function publishedUser(id: string): Promise<unknown> {
  return env.USERS.get(id, "json");
}

/** The prototype of all KV namespaces, including those that Durable Objects see. */
export const kvPrototype: KVNamespace = Object.getPrototypeOf(env.USERS);

/** KV refuses this kind of write until the returned function is called. */
export function refuseKv(method: "put" | "delete" = "put"): () => void {
  const spy = vi.spyOn(kvPrototype, method).mockRejectedValue(new Error("KV refused: 500"));
  return () => spy.mockRestore();
}

let count = 0;

/** An address that no other test of this file uses. */
export function freshEmail(): string {
  count += 1;
  return `person-${count}@example.com`;
}

/** Signs somebody up, and fails unless that is a 201. */
export async function signUp(
  email: string,
  fields: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<User> {
  const response = await post("/users", { name: "Ada", email, ...fields }, headers);
  if (response.status !== 201) throw new Error(`Sign-up refused: ${await response.text()}`);
  return v.parse(User, await response.json());
}

/** PATCH /users/<id>. */
export function patch(
  id: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return send(`/users/${id}`, {
    method: "PATCH",
    headers: { ...AUTHORIZATION, "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** DELETE /users/<id>. */
export function remove(id: string, headers: Record<string, string> = {}): Promise<Response> {
  return send(`/users/${id}`, { method: "DELETE", headers: { ...AUTHORIZATION, ...headers } });
}

/** GET of a path with a token. */
export function read(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return send(path, { headers: { ...AUTHORIZATION, ...headers } });
}

/** The user under this id as the API shows it. */
export async function readUser(id: string): Promise<User> {
  return v.parse(User, await (await read(`/users/${id}`)).json());
}

/** The table of users. */
export function usersTable(): DurableObjectStub<Table> {
  return env.TABLES.getByName("users");
}

/** Waits until the table of users has carried out what is due: its alarm does that too, and waits for it. */
export async function carriedOut(): Promise<void> {
  await runDurableObjectAlarm(usersTable());
}

/** Moves the clock; timers and alarms of the runtime stand outside it. */
export function letTimePass(ms: number): void {
  const now = Date.now();
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

/** Runs the alarm of the users' table as if it were `ms` later. */
export async function wakeUpAfter(ms: number): Promise<boolean> {
  letTimePass(ms);
  return runDurableObjectAlarm(usersTable());
}

/** Undoes everything of the above. */
export function restoreWorld(): void {
  vi.useRealTimers();
  vi.restoreAllMocks();
}
