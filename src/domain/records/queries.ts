// Queries of lists of records as plain data: the route reads them from a query string, the table turns them
// into SQL.
import type { EmailCheck } from "../email/check-email";
import type { Priority, TaskStatus } from "./tasks";

/** Filters of users; an undefined one matches all. Instants are milliseconds since 1970 UTC. */
export interface UserFilters {
  /** The canonical form of an address. */
  readonly email?: string | undefined;
  readonly verdict?: readonly EmailCheck["verdict"][] | undefined;
  readonly confirmed?: boolean | undefined;
  readonly createdAfter?: number | undefined;
  readonly createdBefore?: number | undefined;
  /** Text to search for, folded by `foldText`. */
  readonly text?: string | undefined;
}

/** Filters of tasks; a null among the assignees matches tasks without one. */
export interface TaskFilters {
  readonly status?: readonly TaskStatus[] | undefined;
  readonly priority?: readonly Priority[] | undefined;
  readonly assignee?: readonly (string | null)[] | undefined;
  readonly dueAfter?: number | undefined;
  readonly dueBefore?: number | undefined;
  readonly text?: string | undefined;
}

/** A query of one page of a list. */
export interface PageQuery<Filters> {
  readonly filters: Filters;
  readonly order: "asc" | "desc";
  /** The position where the page before ended, or null for the first page. */
  readonly after: number | null;
  readonly limit: number;
}

/** One page: records as JSON, and the position of the next page; null at the end. */
export interface RecordPage {
  readonly records: readonly string[];
  readonly next: number | null;
}

/** Folds a text for search: compatible forms become one (NFKC), and case is ignored. */
export function foldText(text: string): string {
  // Upper case, since the lower case of a sigma depends on what follows it, and ß folds to SS only in upper
  // case.
  return text.normalize("NFKC").toUpperCase();
}
