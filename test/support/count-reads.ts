// Counts the rows that statements read: what a list costs, whatever the machine.

/** The same SQL, and the number of rows that the statements run by it have read so far. */
export function countReads(sql: SqlStorage): { sql: SqlStorage; rowsRead: () => number } {
  const cursors: { readonly rowsRead: number }[] = [];
  const counted = new Proxy(sql, {
    get:
      (target, name) =>
      (...given: unknown[]) => {
        const cursor: unknown = Reflect.apply(Reflect.get(target, name), target, given);
        cursors.push(cursor as { readonly rowsRead: number }); // `exec` returns nothing else
        return cursor;
      },
  });
  return {
    sql: counted,
    rowsRead: () => cursors.reduce((total, { rowsRead }) => total + rowsRead, 0),
  };
}
