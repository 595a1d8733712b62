// SQL of lists whose length varies: SQLite binds one value at a time.

/** A question mark for each value. */
export function placeholders(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}
