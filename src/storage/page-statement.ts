// Builds the SQL for one page of a list. Rows are read in order of insertion from an index, only as far as
// the page needs. SQLite would read all matches of `status IN (…)` and sort them, so each alternative becomes
// a statement of its own.
import { placeholders } from "./placeholders";

type Value = string | number | null;

/** A condition in SQL, with one `?` per value. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** The filters of a list, as SQL conditions. */
export interface Selection {
  /**
   * Alternatives, each of which matches the first columns of an index that continues with `seq`; none to read
   * all rows.
   */
  readonly alternatives: readonly Condition[];
  /** Further conditions, which are tested on each row that is read. */
  readonly conditions: readonly Condition[];
  /** Conditions on `seq` that limit where reading begins or ends. */
  readonly bounds?: readonly Condition[];
  /** Conditions that can also be looked up by an index in another order. */
  readonly range?: Range;
  /** True to read the rows of `TableDefinition.pending` beside the table's own. */
  readonly isWithPending?: boolean;
}

/** Conditions, and the index that finds their rows. */
export interface Range {
  readonly index: string;
  readonly conditions: readonly Condition[];
}

/** The position of a page in its list: after this `seq`, or null for the first page. */
export interface Place {
  readonly order: "asc" | "desc";
  readonly after: number | null;
}

/** A statement and its values, for `sql.exec`. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

/**
 * The statements of a page, whose rows must be merged. Each returns at most `limit` rows in order: `seq`, and
 * `record` if the row passes the filters, else null.
 */
export function scanStatements(
  table: string,
  { alternatives, conditions, bounds = [], range }: Selection,
  { order, after }: Place,
  limit: number,
): Statement[] {
  const wanted = allOf([...conditions, ...(range?.conditions ?? [])]);
  const record = wanted === null ? "record" : `CASE WHEN ${wanted.sql} THEN record END AS record`;
  const place = [...placeOf({ order, after }), ...bounds];
  const tail = `ORDER BY seq ${order} LIMIT ${limit}`;
  const read = (beginning: readonly Condition[]) => {
    const where = allOf([...beginning, ...place]);
    return {
      sql: `SELECT seq, ${record} FROM ${table} ${where === null ? "" : `WHERE ${where.sql} `}${tail}`,
      values: [...(wanted?.values ?? []), ...(where?.values ?? [])],
    };
  };
  return alternatives.length === 0 ? [read([])] : alternatives.map((each) => read([each]));
}

/** The statement that finds a page's rows by the index of its range and then sorts them. */
export function sortStatement(
  table: string,
  { alternatives, conditions, bounds = [] }: Selection,
  range: Range,
  place: Place,
): Statement {
  const either = alternatives.map(({ sql }) => `(${sql})`).join(" OR ");
  const one = { sql: `(${either})`, values: alternatives.flatMap(({ values }) => values) };
  const where = allOf([
    ...range.conditions,
    ...placeOf(place),
    ...bounds,
    ...conditions,
    ...(alternatives.length === 0 ? [] : [one]),
  ]);
  return {
    sql: `SELECT seq, record FROM ${table} INDEXED BY ${range.index} WHERE ${where?.sql} ORDER BY seq ${place.order}`,
    values: where?.values ?? [],
  };
}

/** The statement that counts the rows of a range as `found`, up to `most`. */
export function countStatement(table: string, range: Range, most: number): Statement {
  const where = allOf(range.conditions);
  return {
    sql: `SELECT count(*) AS found FROM
      (SELECT 1 FROM ${table} INDEXED BY ${range.index} WHERE ${where?.sql} LIMIT ${most})`,
    values: where?.values ?? [],
  };
}

/** A condition that a column has one of these values. */
export function anyOf(column: string, values: readonly Value[]): Condition {
  return { sql: `${column} IN (${placeholders(values)})`, values };
}

/** A condition that the search column contains a text, which must be folded by `foldText`. */
export function containing(text: string): Condition {
  return { sql: "instr(search, ?)", values: [text] };
}

function placeOf({ order, after }: Place): Condition[] {
  return after === null ? [] : [{ sql: `seq ${order === "asc" ? ">" : "<"} ?`, values: [after] }];
}

function allOf(conditions: readonly Condition[]): Condition | null {
  if (conditions.length === 0) return null;
  return {
    sql: conditions.map(({ sql }) => sql).join(" AND "),
    values: conditions.flatMap(({ values }) => values),
  };
}
