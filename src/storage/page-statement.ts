// Makes one SQL statement of a page of a list. Rows stand in the order of commits, and every statement
// reads them in that order from an index: a list of alternatives (`status IN (…)`) would be read whole and
// sorted, so each alternative is read in its own order, and only the first of each are merged.

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
  /** What every row must fulfil besides. */
  readonly conditions: readonly Condition[];
  /** An index that finds few rows, to be sorted; only where there are no alternatives. */
  readonly index?: string;
}

/** Statement and values for `sql.exec`. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** SQLite in Durable Objects merges no more at once. */
const MAX_MERGED = 5;

/**
 * The statement for a page: `seq` and `record` of at most `limit` rows.
 *
 * @param after the place to go on from, exclusive, or null
 */
export function pageStatement(
  table: string,
  { alternatives, conditions, index }: Selection,
  { order, after, limit }: { order: "asc" | "desc"; after: number | null; limit: number },
): Statement {
  const place: Condition[] =
    after === null ? [] : [{ sql: `seq ${order === "asc" ? ">" : "<"} ?`, values: [after] }];
  const values: Value[] = [];
  // Numbered, so that a value that all alternatives share is bound once: 100 are allowed.
  const bind = ({ sql, values: bound }: Condition) => {
    let next = 0;
    return sql.replaceAll("?", () => {
      const value = bound[next++] ?? null;
      const known = values.indexOf(value);
      return `?${known === -1 ? values.push(value) : known + 1}`;
    });
  };
  const tail = `ORDER BY seq ${order} LIMIT ${limit}`;
  const source = index === undefined ? table : `${table} INDEXED BY ${index}`;
  const select = (alternative: readonly Condition[]) => {
    const where = [...alternative, ...place, ...conditions].map(bind).join(" AND ");
    return `SELECT seq, record FROM ${source} ${where && `WHERE ${where} `}${tail}`;
  };
  const parts =
    alternatives.length === 0 ? [select([])] : alternatives.map((each) => select([each]));
  return { sql: merge(parts, tail), values };
}

/** The condition that a column has one of these values. */
export function anyOf(column: string, values: readonly Value[]): Condition {
  return { sql: `${column} IN (${values.map(() => "?").join(", ")})`, values };
}

function merge(parts: readonly string[], tail: string): string {
  if (parts.length === 1) return parts[0] ?? "";
  const groups: string[] = [];
  for (let at = 0; at < parts.length; at += MAX_MERGED) {
    const group = parts.slice(at, at + MAX_MERGED).map((part) => `SELECT * FROM (${part})`);
    groups.push(group.length === 1 ? (parts[at] ?? "") : `${group.join(" UNION ALL ")} ${tail}`);
  }
  return merge(groups, tail);
}
