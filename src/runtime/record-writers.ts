// The way to a record's only writer. The one place where RPC stubs get their type: the platform's own
// mapping turns every `unknown` inside a record into `never`.
import type { RecordChange, StoredRecord, WriteResult } from "../domain/records/records";
import { sha256Hex } from "../lib/sha256";

/** What a record writer does, seen from outside. */
export interface RecordWriterStub {
  isTaken(id: string): Promise<boolean>;
  create(record: StoredRecord, named?: readonly string[]): Promise<WriteResult>;
  update(
    id: string,
    change: RecordChange,
    versions: readonly number[] | null,
  ): Promise<WriteResult>;
  remove(id: string, versions: readonly number[] | null): Promise<WriteResult>;
}

/** A chain of moves this long means that the e-mail changes faster than anyone can follow. */
const MAX_FORWARDS = 5;

/** The writer of this name. */
export function recordWriter(env: Env, name: string): RecordWriterStub {
  return env.RECORD_WRITERS.getByName(name);
}

/** The name of the writer of the task with this id. */
export function taskWriterName(id: string): string {
  return `task:${id}`;
}

/** Writes through the writer of this name, or through the one that the record has moved to. */
export async function writeThrough(
  env: Env,
  name: string,
  write: (writer: RecordWriterStub) => Promise<WriteResult>,
): Promise<WriteResult> {
  let result = await write(recordWriter(env, name));
  for (let forwards = 0; result.status === "moved" && forwards < MAX_FORWARDS; forwards += 1) {
    result = await write(recordWriter(env, result.to));
  }
  return result;
}

/**
 * The name of the writer of a user with this canonical e-mail. Hashed: an address can be long, and
 * names of objects show up in dashboards and logs.
 */
export async function userWriterName(canonical: string): Promise<string> {
  return `user:${await sha256Hex(canonical)}`;
}
