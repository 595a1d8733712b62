// Tables that lie beside the script and are read when an item first needs them.
import type { Run } from "./operation";

/**
 * A table that is read and parsed once an isolate. The function it gives uses it at once where it is
 * there, and else when it has been read.
 */
export function lazyTable<Table>(name: string, parse: (text: string) => Table) {
  // The table and not its promise: a promise awaited across requests would tie one request to another.
  let table: Table | undefined;
  return (run: Run, use: (table: Table) => string): string | Promise<string> => {
    if (table !== undefined) return use(table);
    return run.readTable(name).then((text) => {
      table ??= parse(text);
      return use(table);
    });
  };
}
