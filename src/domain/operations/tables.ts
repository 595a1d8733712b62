// Tables stored as assets beside the script, read when an item first needs them.
import type { Run } from "./operation";

/**
 * A table that is read and parsed once an isolate. The returned function calls `use` at once if the table is
 * loaded, else after reading it.
 */
export function lazyTable<Table>(name: string, parse: (text: string) => Table) {
  // Keeps the table instead of its promise: awaiting another request's promise would tie one request to the
  // other.
  let table: Table | undefined;
  return (run: Run, use: (table: Table) => unknown): unknown => {
    if (table !== undefined) return use(table);
    return run.readTable(name).then((text) => {
      table ??= parse(text);
      return use(table);
    });
  };
}
