// From the tagged values that record writers return to what handlers work with.
import { DomainError } from "../domain/errors";
import type { StoredRecord, WriteResult } from "../domain/records";

/** The written record. @throws DomainError the refusal that the writer returned */
export function unwrap(result: WriteResult): StoredRecord {
  if (result.status === "written") return result.record;
  if (result.status === "moved")
    throw new DomainError("not-found", "There is nothing under this id.");
  const { code, detail, errors } = result;
  throw new DomainError(code, detail, { ...(errors && { errors }) });
}
