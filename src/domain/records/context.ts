// What the actions on records work with, by name.
import type { EmailChecker } from "../email/check-email";
import { DomainError } from "../errors";
import type { Channel } from "../notifications/channels";
import type { TaskFilters, UserFilters } from "./queries";
import type { KeptUnderKey } from "../idempotency";
import type { StoredTask } from "./tasks";
import type { User } from "./users";
import type { RecordTable, WriteResult } from "./table";

/** The tables, and what decides about records besides them. */
export interface RecordContext {
  readonly users: RecordTable<UserFilters>;
  readonly tasks: RecordTable<TaskFilters>;
  readonly checkEmail: EmailChecker;
  /** All channels by name. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** Of the caller: without one, only what is public can be named. */
  readonly hasToken: boolean;
  /** Where the Worker was called. */
  readonly origin: string;
  /** A new UUIDv7. */
  readonly newId: () => string;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** The reply that is kept with a creation, made of what it creates; null without an Idempotency-Key. */
export type Keep<Value> = (created: Value) => KeptUnderKey | null;

/** For creations without a key. */
export const keepNothing = (): null => null;

/** The JSON of the written record. @throws DomainError the refusal that the table returned */
export function unwrap(result: WriteResult): string {
  if (result.status === "written") return result.record;
  const { code, detail, errors } = result;
  throw new DomainError(code, detail, { ...(errors && { errors }) });
}

/** The user that a table has sent: it stores what fits the schema, and sends what it stores. */
export function toUser(json: string): User {
  return JSON.parse(json) as User;
}

/** The task that a table has sent. */
export function toTask(json: string): StoredTask {
  return JSON.parse(json) as StoredTask;
}
