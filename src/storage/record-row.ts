// Stores the record of a job as JSON, in table `job`, which has one row. Earlier versions kept it as the value `job` of
// the platform's own key-value table, whose making costs a new object more than all its other writes.

const WRITE = `
  CREATE TABLE IF NOT EXISTS job (id INTEGER PRIMARY KEY, record TEXT NOT NULL);
  INSERT INTO job VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET record = ?1`;

/** The stored record, whatever version stored it; undefined if there is none. */
export function readRecordRow({ sql, kv }: DurableObjectStorage): unknown {
  const found = sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'job'").toArray();
  if (found.length === 0) return kv.get("job");
  const { record } = sql.exec<{ record: string }>("SELECT record FROM job").one();
  return JSON.parse(record);
}

/** Stores the record. */
export function writeRecordRow({ sql }: DurableObjectStorage, record: object): void {
  sql.exec(WRITE, JSON.stringify(record));
}
