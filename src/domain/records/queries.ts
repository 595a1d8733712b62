// What lists of records can be asked for, as plain data: the route reads it from a query string, the table
// makes SQL of it.
import type { EmailCheck } from "../email/check-email";
import type { Priority, TaskStatus } from "./tasks";

/** Filters of users; what is undefined leaves all. Instants are milliseconds since 1970 UTC. */
export interface UserFilters {
  /** In its canonical form. */
  readonly email?: string | undefined;
  readonly verdict?: readonly EmailCheck["verdict"][] | undefined;
  readonly confirmed?: boolean | undefined;
  readonly createdAfter?: number | undefined;
  readonly createdBefore?: number | undefined;
  /** Folded by `foldText`. */
  readonly text?: string | undefined;
}

/** Filters of tasks; null among the assignees means that there is none. */
export interface TaskFilters {
  readonly status?: readonly TaskStatus[] | undefined;
  readonly priority?: readonly Priority[] | undefined;
  readonly assignee?: readonly (string | null)[] | undefined;
  readonly dueAfter?: number | undefined;
  readonly dueBefore?: number | undefined;
  readonly text?: string | undefined;
}

/** A part of a list. */
export interface PageQuery<Filters> {
  readonly filters: Filters;
  readonly order: "asc" | "desc";
  /** The place that the page before ended at, or null for the first. */
  readonly after: number | null;
  readonly limit: number;
}

/** Records of a list as JSON, and the place where it goes on; null at its end. */
export interface RecordPage {
  readonly records: readonly string[];
  readonly next: number | null;
}

/** The form in which texts are searched: without case, and one spelling for what looks alike (NFKC). */
export function foldText(text: string): string {
  // In capitals, as a small sigma depends on what follows it, and ß is SS in no other case.
  return text.normalize("NFKC").toUpperCase();
}
