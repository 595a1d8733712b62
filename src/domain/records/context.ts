// Dependencies of the actions on records.
import type { EmailChecker } from "../email/check-email";
import { DomainError, type Refusal } from "../errors";
import type { Channel } from "../notifications/channels";
import type { Language } from "../../lib/languages";
import type { Asker } from "./confirmation";
import type { TaskFilters } from "./queries";
import type { KeptUnderKey } from "../idempotency";
import type { StoredTask } from "./tasks";
import type { User } from "./users";
import type { RecordTable, UserTable } from "./table";

/** The tables, the e-mail check, the channels, and sources of ids and time. */
export interface RecordContext {
  readonly users: UserTable;
  readonly tasks: RecordTable<TaskFilters>;
  readonly checkEmail: EmailChecker;
  /** All configured channels, by name. */
  readonly channels: ReadonlyMap<string, Channel>;
  /** True for a caller with a token; any other can name only what is public. */
  readonly hasToken: boolean;
  /** True if this caller's sign-ups must be confirmed by their address. */
  readonly asksToConfirm: boolean;
  readonly asker: Asker;
  /** Language of mails that the caller's request causes. */
  readonly language: Language;
  /** Origin under which the Worker was called. */
  readonly origin: string;
  /** Returns a new UUIDv7. */
  readonly newId: () => string;
  /** Returns milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** Makes the reply that is stored with a creation under its Idempotency-Key. */
export type Keep<Value> = (created: Value) => KeptUnderKey;

/**
 * The JSON of the written record; null if it is stored as it was given.
 *
 * @throws DomainError if the table refused the write
 */
export function unwrap<Json extends string | null>(
  result: { readonly status: "written"; readonly record: Json } | Refusal,
): Json {
  if (result.status === "written") return result.record;
  const { code, detail, errors } = result;
  throw new DomainError(code, detail, { ...(errors && { errors }) });
}

/** Parses a user that a table sent. Not validated again: the table stores only what fits the schema. */
export function toUser(json: string): User {
  return JSON.parse(json) as User;
}

/** Parses a task that a table sent, as `toUser` does. */
export function toTask(json: string): StoredTask {
  return JSON.parse(json) as StoredTask;
}
