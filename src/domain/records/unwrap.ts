// From the tagged values that record writers return to what handlers work with.
import { DomainError } from "../errors";
import type { StoredRecord, WriteResult } from "./records";
import type { StoredTask } from "./tasks";
import type { User } from "./users";

/** The written user. @throws DomainError the refusal that the writer returned */
export function unwrapUser(result: WriteResult): User {
  const record = unwrap(result);
  if (record.kind !== "user") throw new TypeError("The writer of a user keeps something else");
  return record.value;
}

/** The written task. @throws DomainError the refusal that the writer returned */
export function unwrapTask(result: WriteResult): StoredTask {
  const record = unwrap(result);
  if (record.kind !== "task") throw new TypeError("The writer of a task keeps something else");
  return record.value;
}

function unwrap(result: WriteResult): StoredRecord {
  if (result.status === "written") return result.record;
  if (result.status === "moved")
    throw new DomainError("not-found", "There is nothing under this id.");
  const { code, detail, errors } = result;
  throw new DomainError(code, detail, { ...(errors && { errors }) });
}
