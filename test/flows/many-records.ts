// Large tables for tests, made by SQL: through the public door they would take minutes.
import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { simulate, type World } from "../simulator";
import { call, type Kind, textIn } from "./platforms";

/** Number of tasks. */
export const TASK_COUNT = 100_000;
/** Number of users. */
export const USER_COUNT = 200_000;
/** The first instant at which a task is due; each further one is due a minute later. */
export const FIRST_DUE_AT = Date.UTC(2027, 0, 15);
/** Milliseconds of a minute. */
export const MINUTE_MS = 60_000;
const NUMBERS = (count: number) =>
  `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;

/** The id of the n-th record. */
export const idOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const SQL_ID = "printf('00000000-0000-7000-8000-%012x', i)";

/** A hundredth has no assignee; each is due in a minute of its own, in no order. */
const INSERT_TASKS = `${NUMBERS(TASK_COUNT)}, t AS (
  SELECT i, ${SQL_ID} AS id,
    CASE i % 4 WHEN 0 THEN 'pending' WHEN 1 THEN 'in_progress' WHEN 2 THEN 'done' ELSE 'cancelled' END AS status,
    CASE i / 4 % 4 WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' ELSE 'urgent' END AS priority,
    iif(i % 100 = 0, NULL, printf('00000000-0000-7000-8000-%012x', i % 50)) AS assignee,
    ${FIRST_DUE_AT} + i * 7919 % ${TASK_COUNT} * ${MINUTE_MS} AS due
  FROM n)
  INSERT INTO tasks (seq, id, version, status, priority, assignee_id, due_at, search, record)
  SELECT i + 1, id, 1, status, priority, assignee, due, 'TASK ' || i, json_object(
    'id', id, 'title', 'Task ' || i, 'description', NULL, 'priority', priority, 'status', status,
    'assignee_id', assignee, 'due_at', strftime('%Y-%m-%dT%H:%M:%fZ', due / 1000, 'unixepoch'),
    'metadata', json('{}'), 'reply_to', NULL, 'created_at', '2026-01-01T00:00:00.000Z',
    'updated_at', '2026-01-01T00:00:00.000Z', 'version', 1, 'told', json('[]'), 'origin', NULL,
    'notify', json('[]'), 'remind_at', NULL)
  FROM t`;

const INSERT_USERS = `${NUMBERS(USER_COUNT)}
  INSERT INTO users (seq, id, version, email, verdict, created_at, search, record)
  SELECT i + 1, ${SQL_ID}, 1, 'person-' || i || '@example.com', 'deliverable', i, 'PERSON ' || i, json_object(
    'id', ${SQL_ID}, 'name', 'Person ' || i, 'email', 'person-' || i || '@example.com', 'age', NULL,
    'metadata', json('{}'), 'email_check', json('{"verdict":"deliverable","reason":"mail-server-found"}'),
    'confirmed_at', NULL, 'created_at', '2026-01-01T00:00:00.000Z',
    'updated_at', '2026-01-01T00:00:00.000Z', 'version', 1)
  FROM n`;

const INSERT: Record<Kind["kind"], string> = { tasks: INSERT_TASKS, users: INSERT_USERS };

/** A world with a large table of this kind. */
export async function simulateLarge(kind: Kind["kind"]): Promise<World> {
  const world = simulate({ perDay: { rowsWritten: Infinity } });
  await textIn(await call("GET", `/${kind}`), 200);
  await runInDurableObject(env.TABLES.getByName(kind), (_, { storage }) => {
    storage.sql.exec(INSERT[kind]);
  });
  return world;
}
