// The table of batches: the Idempotency-Keys of their submissions.
import { SHARED_SCHEMA } from "./record-table";

/** Statements by version. Append-only. */
export const BATCHES_MIGRATIONS: readonly string[] = [SHARED_SCHEMA];
