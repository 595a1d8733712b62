// Storage of the table `batches`, which holds only the Idempotency-Keys of submissions.
import { SHARED_SCHEMA } from "./record-table";

/** Migrations, append-only. */
export const BATCHES_MIGRATIONS: readonly string[] = [SHARED_SCHEMA];
