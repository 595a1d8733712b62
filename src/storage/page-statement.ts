// Makes the SQL of a page of a list. Rows stand in the order of commits, and each statement reads them in
// that order from an index, as far as its reader goes: a list of alternatives (`status IN (…)`) would be
// read whole and sorted, so each alternative is a statement of its own.

type Value = string | number | null;

/** A condition in SQL; `?` stands for each of its values. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** What a list's filters come to. */
export interface Selection {
  /** Alternatives, of which each is the beginning of an index that goes on with `seq`; none for all rows. */
  readonly alternatives: readonly Condition[];
  /** What every row must fulfil besides: each that is read is looked at. */
  readonly conditions: readonly Condition[];
  /** Where reading begins or ends: conditions on `seq`. */
  readonly bounds?: readonly Condition[];
  /** Conditions besides, whose rows an index finds that is in another order. */
  readonly range?: Range;
}

/** Conditions that an index finds the rows of. */
export interface Range {
  readonly index: string;
  readonly conditions: readonly Condition[];
}

/** Where in its list a page stands: `after` is exclusive, or null for the first one. */
export interface Place {
  readonly order: "asc" | "desc";
  readonly after: number | null;
}

/** Statement and values for `sql.exec`. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

/**
 * The statements of a page, whose rows are to be merged: `seq`, and `record` where the row is one of the
 * list, else null. Each reads `limit` rows at most.
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

/** The statement that finds the rows of a page by the index of its range, and sorts them. */
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

/** The condition that a column has one of these values. */
export function anyOf(column: string, values: readonly Value[]): Condition {
  return { sql: `${column} IN (${values.map(() => "?").join(", ")})`, values };
}

/** The condition that the searched text contains this one, which is folded as it is. */
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
