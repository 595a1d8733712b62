// Users in KV (binding USERS; the keyspace is described in kv-directory.ts).
import { summarizeUser, type User, type UserSummary } from "../domain/records/users";
import { KvDirectory } from "./kv-directory";

export function usersIn(namespace: KVNamespace): KvDirectory<User, UserSummary> {
  return new KvDirectory(namespace, summarizeUser);
}
