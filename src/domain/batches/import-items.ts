// Imports exported records: they keep their ids, times and versions, and no event is delivered for them.
import * as v from "valibot";
import { faultsOf, type Fault } from "../errors";
import type { Attempt, DueItem, Made } from "../jobs/job";
import { ImportedTask, ImportedUser } from "../records/adopt";
import type { ImportOutcome } from "../records/table";
import { failed } from "./item-failure";

/** Schemas of the records that can be imported. */
export const IMPORTS = { users: ImportedUser, tasks: ImportedTask } as const;
/** A kind of record that can be imported. */
export type ImportKind = keyof typeof IMPORTS;

/** Stores records, each by the index of its item and as JSON, and returns the outcome of each. */
export type ImportRecords = (
  kind: ImportKind,
  records: readonly (readonly [index: number, json: string])[],
) => Promise<readonly ImportOutcome[]>;

/** True if records of this operation can be imported. */
export function isImportKind(operation: unknown): operation is ImportKind {
  return typeof operation === "string" && Object.hasOwn(IMPORTS, operation);
}

/** The faults of a record to import. */
export function importFaults(kind: ImportKind, item: unknown, index: number): Fault[] {
  return faultsOf(v.safeParse(IMPORTS[kind], item), ["items", index]);
}

/** Imports the records of a chunk in one call of the table. Rejects if the table cannot be reached. */
export async function runImport(
  kind: ImportKind,
  due: readonly DueItem[],
  importRecords: ImportRecords,
): Promise<Made> {
  const outcomes = await importRecords(
    kind,
    due.map(({ index, item }) => [index, JSON.stringify(item)] as const),
  );
  return due.map(({ index, item }, at) => [index, toAttempt(outcomes[at], item)] as const);
}

function toAttempt(outcome: ImportOutcome | undefined, item: unknown): Attempt {
  const { id }: { readonly id?: unknown } = Object(item);
  if (outcome === "imported")
    return { status: "succeeded", output: { id: String(id).toLowerCase() } };
  if (outcome === "exists")
    return failed({ code: "id-taken", detail: "There is a record with this id already." });
  if (outcome === "taken")
    return failed({ code: "email-taken", detail: "A user with this e-mail exists." });
  return failed({ code: "invalid-body", detail: "The item is no such record." });
}
