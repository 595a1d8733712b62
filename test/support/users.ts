// Sign-ups for tests: DNS is answered here, KV fails on demand, and time is moved by hand.
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import * as v from "valibot";
import { vi } from "vitest";
import type { WriterState } from "../../src/domain/records/records";
import { emailOf, User } from "../../src/domain/records/users";
import type { RecordWriter } from "../../src/durable-objects/record-writer";
import { userWriterName } from "../../src/runtime/record-writers";
import { AUTHORIZATION, post, send } from "./worker";

/** A resolver's JSON. */
export interface DnsReply {
  readonly Status: number;
  readonly Answer?: readonly { readonly type: number; readonly data: string }[];
}

export const HAS_MAIL_SERVER: DnsReply = {
  Status: 0,
  Answer: [{ type: 15, data: "10 mx.example.com." }],
};
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

/** What every KV namespace shares, those of the Durable Objects included. */
export const kvPrototype: KVNamespace = Object.getPrototypeOf(env.USERS);

/** KV refuses this kind of write until the returned function is called. */
export function refuseKv(method: "put" | "delete" = "put"): () => void {
  const spy = vi.spyOn(kvPrototype, method).mockRejectedValue(new Error("KV refused: 500"));
  return () => spy.mockRestore();
}

/** KV takes `ms` longer for values with this text. `settled` waits for all writes so far. */
export function delayPuts(text: string, ms: number) {
  const put: KVNamespace["put"] = Reflect.get(kvPrototype, "put");
  const writes: Promise<void>[] = [];
  vi.spyOn(kvPrototype, "put").mockImplementation(async (key, value, options) => {
    const isLate = typeof value === "string" && value.includes(text);
    const write = scheduler
      .wait(isLate ? ms : 0)
      .then(() => Reflect.apply(put, env.USERS, [key, value, options]));
    writes.push(write);
    await write;
  });
  return { settled: () => Promise.all(writes) };
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

/** The writer of an e-mail's user. */
export async function writerOf(email: string): Promise<DurableObjectStub<RecordWriter>> {
  return env.RECORD_WRITERS.getByName(await userWriterName(emailOf(email).canonical));
}

/** What a writer has on disk. */
export function stateOf(stub: DurableObjectStub<RecordWriter>): Promise<WriterState | undefined> {
  return runInDurableObject(stub, (_, { storage }) => storage.kv.get<WriterState>("state"));
}

/** Long enough for no alarm to ring by itself during a test. */
const NOT_NOW_MS = 60 * 60_000;

/** Puts a writer's state on disk, as a crash would have left it; it counts from the next start. */
export function leaveState(
  stub: DurableObjectStub<RecordWriter>,
  state: WriterState,
): Promise<void> {
  return runInDurableObject(stub, async (_, { storage }) => {
    storage.kv.put("state", state);
    await storage.setAlarm(Date.now() + NOT_NOW_MS);
  });
}

/** Moves the clock; timers and alarms of the runtime stand outside it. */
export function letTimePass(ms: number): void {
  const now = Date.now();
  if (!vi.isFakeTimers()) vi.useFakeTimers({ toFake: ["Date"] });
  vi.setSystemTime(now + ms);
}

/** Runs a writer's alarm as if it were `ms` later. */
export async function wakeUpAfter(
  stub: DurableObjectStub<RecordWriter>,
  ms: number,
): Promise<boolean> {
  letTimePass(ms);
  return runDurableObjectAlarm(stub);
}

/** Undoes everything of the above. */
export function restoreWorld(): void {
  vi.useRealTimers();
  vi.restoreAllMocks();
}
