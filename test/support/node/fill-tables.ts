// Fills the tables of a server that does not run, straight in its files.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Serentak } from "./serentak";

/** Runs a statement in each database of the server's objects that has the table, then starts the server again. */
export async function fillTables(
  server: Serentak,
  statements: Readonly<Record<string, string>>,
): Promise<void> {
  await server.kill();
  for (const file of readdirSync(server.state, { recursive: true, encoding: "utf8" })) {
    if (!file.endsWith(".sqlite")) continue;
    const database = new DatabaseSync(join(server.state, file));
    const hasTable = database.prepare(
      "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
    );
    for (const [table, statement] of Object.entries(statements))
      if (hasTable.get(table) !== undefined) database.exec(statement);
    database.close();
  }
  await server.restart();
}
