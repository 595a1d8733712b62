// Tasks in KV (binding TASKS; the keyspace is described in kv-directory.ts).
import { summarizeTask, type StoredTask, type TaskSummary } from "../domain/records/tasks";
import { KvDirectory } from "./kv-directory";

export function tasksIn(namespace: KVNamespace): KvDirectory<StoredTask, TaskSummary> {
  return new KvDirectory(namespace, summarizeTask);
}
