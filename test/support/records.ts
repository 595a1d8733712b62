// Records and their writers for tests, without the way there over HTTP.
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import {
  EMPTY_STATE,
  type RecordChange,
  type StoredRecord,
} from "../../src/domain/records/records";
import { emailOf } from "../../src/domain/records/users";
import {
  recordWriter,
  userWriterName,
  type RecordWriterStub,
} from "../../src/runtime/record-writers";
import { usersIn } from "../../src/storage/users";
import { freshEmail, leaveState, writerOf } from "./users";

/** KV's copies of the users. */
export const users = usersIn(env.USERS);
/** How long a writer waits before it tries again what failed for the first time. */
export const RETRY_MS = 1000;

type UserRecord = Extract<StoredRecord, { kind: "user" }>;

/** A new user with a checked address. */
export function userRecord(
  email: string,
  fields: { id?: string; name?: string; version?: number } = {},
): UserRecord {
  const { id = crypto.randomUUID(), name = "Ada", version = 1 } = fields;
  const instant = new Date(Date.now()).toISOString();
  return {
    kind: "user",
    value: {
      id,
      name,
      email,
      age: null,
      metadata: {},
      email_check: { verdict: "deliverable", reason: "mail-server-found" },
      created_at: instant,
      updated_at: instant,
      version,
    },
  };
}

/** The same record with another address, one version on. */
export function moved(record: UserRecord, email: string): UserRecord {
  return { ...record, value: { ...record.value, email, version: record.value.version + 1 } };
}

/** The name of the writer of an e-mail's user. */
export async function nameOf(email: string): Promise<string> {
  return userWriterName(emailOf(email).canonical);
}

/** The writer of an e-mail's user, as the Worker calls it. */
export async function openWriter(email: string): Promise<RecordWriterStub> {
  return recordWriter(env, await nameOf(email));
}

export function emailChange(email: string): RecordChange {
  return { kind: "user", change: { patch: { email } } };
}

export function nameChange(name: string): RecordChange {
  return { kind: "user", change: { patch: { name } } };
}

/** Two addresses and a record in the first one's writer. */
export async function settled() {
  const [from, to] = [freshEmail(), freshEmail()];
  const [source, target] = await Promise.all([openWriter(from), openWriter(to)]);
  const record = userRecord(from);
  await source.create(record);
  return { from, to, source, target, record, id: record.value.id };
}

/** As `settled`, and the move to the second one's writer has crashed after it was claimed. */
export async function crashedAfterClaim() {
  const scene = await settled();
  const { from, to, target, record } = scene;
  const change = moved(record, to);
  const claimed = await target.create(change);
  if (claimed.status !== "written") throw new Error("Not claimed");
  const stub = await writerOf(from);
  const effect = { kind: "move" as const, id: scene.id, to: await nameOf(to), record: change };
  const pending = { key: 9, effect, attempts: 0, dueAt: Date.now() };
  await leaveState(stub, { ...EMPTY_STATE, record, effects: [pending], nextKey: 10 });
  await evictDurableObject(stub);
  return { ...scene, stub, change };
}
