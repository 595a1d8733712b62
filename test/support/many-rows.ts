// Rows by the hundred thousand, as SQL: through the public door they would take minutes.

/** The first instant at which a task is due; each further one is due a minute later. */
export const FIRST_DUE_AT = Date.UTC(2027, 0, 15);
/** Milliseconds of a minute. */
export const MINUTE_MS = 60_000;
/** The arrival of the first delivery; each further one arrives a second later. */
export const FIRST_ARRIVAL_AT = Date.UTC(2126, 0, 1);

/** The id of the n-th record. */
export const idOf = (n: number) => `00000000-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;
const SQL_ID = "printf('00000000-0000-7000-8000-%012x', i)";

const numbers = (count: number) =>
  `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${count - 1})`;

/** Inserts tasks. A hundredth has no assignee; each is due in a minute of its own, in no order. */
export const insertTasks = (count: number) => `${numbers(count)}, t AS (
  SELECT i, ${SQL_ID} AS id,
    CASE i % 4 WHEN 0 THEN 'pending' WHEN 1 THEN 'in_progress' WHEN 2 THEN 'done' ELSE 'cancelled' END AS status,
    CASE i / 4 % 4 WHEN 0 THEN 'low' WHEN 1 THEN 'medium' WHEN 2 THEN 'high' ELSE 'urgent' END AS priority,
    iif(i % 100 = 0, NULL, printf('00000000-0000-7000-8000-%012x', i % 50)) AS assignee,
    ${FIRST_DUE_AT} + i * 7919 % ${count} * ${MINUTE_MS} AS due
  FROM n)
  INSERT INTO tasks (seq, id, version, status, priority, assignee_id, due_at, search, record)
  SELECT i + 1, id, 1, status, priority, assignee, due, 'TASK ' || i, json_object(
    'id', id, 'title', 'Task ' || i, 'description', NULL, 'priority', priority, 'status', status,
    'assignee_id', assignee, 'due_at', strftime('%Y-%m-%dT%H:%M:%fZ', due / 1000, 'unixepoch'),
    'metadata', json('{}'), 'reply_to', NULL, 'created_at', '2026-01-01T00:00:00.000Z',
    'updated_at', '2026-01-01T00:00:00.000Z', 'version', 1, 'told', json('[]'), 'origin', NULL,
    'notify', json('[]'), 'remind_at', NULL)
  FROM t`;

/** Inserts users. */
export const insertUsers = (count: number) => `${numbers(count)}
  INSERT INTO users (seq, id, version, email, verdict, created_at, search, record)
  SELECT i + 1, ${SQL_ID}, 1, 'person-' || i || '@example.com', 'deliverable', i, 'PERSON ' || i, json_object(
    'id', ${SQL_ID}, 'name', 'Person ' || i, 'email', 'person-' || i || '@example.com', 'age', NULL,
    'metadata', json('{}'), 'email_check', json('{"verdict":"deliverable","reason":"mail-server-found"}'),
    'confirmed_at', NULL, 'created_at', '2026-01-01T00:00:00.000Z',
    'updated_at', '2026-01-01T00:00:00.000Z', 'version', 1)
  FROM n`;

/** Inserts batches that are over. One in a thousand was cancelled; every other one has one of fifty labels. */
export const insertBatches = (count: number) => `${numbers(count)}, b AS (
  SELECT i, ${SQL_ID} AS id, iif(i % 1000 = 0, 'cancelled', 'completed') AS status,
    iif(i % 2 = 0, 'label ' || (i % 100), NULL) AS label, '2026-01-01T00:00:00.000Z' AS at
  FROM n)
  INSERT INTO batches (seq, id, version, status, label, created_at, record)
  SELECT i + 1, id, 3, status, label, i, json_object(
    'id', id, 'label', label, 'metadata', json('{}'), 'operation', 'uppercase', 'status', status,
    'reason', NULL, 'run', 1, 'then', NULL, 'total', 100, 'succeeded', 100, 'failed', 0,
    'failed_by_code', json('{}'), 'pending', 0, 'created_at', at, 'started_at', at, 'finished_at', at,
    'expires_at', '2099-01-01T00:00:00.000Z', 'links', json('{}'), 'version', 3)
  FROM b`;

/** Inserts deliveries. Of ten thousand two have failed, one was cancelled and one waits, before all others. */
export const insertDeliveries = (count: number) => `${numbers(count)}, d AS (
  SELECT i, ${FIRST_ARRIVAL_AT} + i * 1000 AS at,
    CASE i % 10000 WHEN 1 THEN 'failed' WHEN 2 THEN 'failed' WHEN 3 THEN 'cancelled' WHEN 4 THEN 'pending'
      ELSE 'delivered' END AS status
  FROM n)
  INSERT INTO deliveries (seq, event_id, type, record_id, event, event_at, status, due_at)
  SELECT at * 1000, 'event-' || i, 'task.created', 'task-' || (i / 10), '{}', at, status,
    iif(status = 'pending', at, NULL)
  FROM d`;
