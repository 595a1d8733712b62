// The copies of records in KV, as far as a request asks for them: no read of a record depends on KV.

/** The namespaces that hold the copies. */
export type CopiesEnv = Pick<Env, "USERS" | "TASKS">;

/** Reads from the namespace of these records, which shows that it can be reached. Rejects otherwise. */
export async function readCopy({ USERS, TASKS }: CopiesEnv, of: "users" | "tasks"): Promise<void> {
  // No record has this id.
  await (of === "users" ? USERS : TASKS).get("health");
}
