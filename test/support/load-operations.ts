// Loads all operations, for tests that write any of them.
import { loadOperations } from "../../src/domain/operations/registry";
import { allOperations } from "../../src/reference/all-operations";

/** Loads all families. */
export async function loadAllOperations(): Promise<void> {
  await Promise.all(allOperations.map(async ({ name }) => loadOperations(name)));
}
