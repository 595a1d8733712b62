// Items of an import: records of an export, which are kept with their ids, times and versions, and of which
// nobody is told.
import * as v from "valibot";
import { faultsOf, type Fault } from "../errors";
import type { Attempt, DueItem, Made } from "../jobs/job";
import { ImportedTask, ImportedUser } from "../records/adopt";
import type { ImportOutcome } from "../records/table";
import { failed } from "./item-failure";

/** What can be imported. */
export const IMPORTS = { users: ImportedUser, tasks: ImportedTask } as const;
export type ImportKind = keyof typeof IMPORTS;

/** Keeps records, each as JSON, and tells what became of each. */
export type ImportRecords = (
  kind: ImportKind,
  records: readonly string[],
) => Promise<readonly ImportOutcome[]>;

/** Tells if records of this operation can be imported. */
export function isImportKind(operation: unknown): operation is ImportKind {
  return typeof operation === "string" && Object.hasOwn(IMPORTS, operation);
}

/** What is wrong with an item. */
export function importFaults(kind: ImportKind, item: unknown, index: number): Fault[] {
  return faultsOf(v.safeParse(IMPORTS[kind], item), ["items", index]);
}

/** Attempts the items of a chunk in one call. Rejects where the table cannot be reached. */
export async function runImport(
  kind: ImportKind,
  due: readonly DueItem[],
  importRecords: ImportRecords,
): Promise<Made> {
  const outcomes = await importRecords(
    kind,
    due.map(({ item }) => JSON.stringify(item)),
  );
  return due.map(({ index, item }, at) => [index, toAttempt(outcomes[at], item)] as const);
}

function toAttempt(outcome: ImportOutcome | undefined, item: unknown): Attempt {
  const { id }: { readonly id?: unknown } = Object(item);
  if (outcome === "imported") return { status: "succeeded", output: { id } };
  if (outcome === "exists")
    return failed({ code: "id-taken", detail: "There is a record with this id already." });
  if (outcome === "taken")
    return failed({ code: "email-taken", detail: "A user with this e-mail exists." });
  return failed({ code: "invalid-body", detail: "The item is no such record." });
}
