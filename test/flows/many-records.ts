// Large tables for tests.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { simulate, type World } from "../simulator";
import { insertTasks, insertUsers } from "../support/many-rows";
import { call, type Kind, textIn } from "./platforms";

/** Number of tasks. */
export const TASK_COUNT = 100_000;
/** Number of users. */
export const USER_COUNT = 200_000;

const INSERT: Record<Kind["kind"], string> = {
  tasks: insertTasks(TASK_COUNT),
  users: insertUsers(USER_COUNT),
};

/** A world with a large table of this kind. */
export async function simulateLarge(kind: Kind["kind"]): Promise<World> {
  const world = simulate({ perDay: { rowsWritten: Infinity } });
  await textIn(await call("GET", `/${kind}`), 200);
  await runInDurableObject(env.TABLES.getByName(kind), (_, { storage }) => {
    storage.sql.exec(INSERT[kind]);
  });
  return world;
}
