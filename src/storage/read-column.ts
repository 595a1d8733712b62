// Reads of one column.

/** The column `id` of the rows that a query returns. */
export function idsOf(
  sql: SqlStorage,
  query: string,
  ...values: readonly (string | number)[]
): string[] {
  return Array.from(sql.exec<{ id: string }>(query, ...values), ({ id }) => id);
}

/**
 * The least value of a column; Infinity if there is none.
 *
 * @param rows a table, and a condition if there is one
 */
export function leastOf(
  sql: SqlStorage,
  column: string,
  rows: string,
  ...values: readonly number[]
): number {
  const query = `SELECT min(${column}) AS least FROM ${rows}`;
  return sql.exec<{ least: number | null }>(query, ...values).one().least ?? Infinity;
}
