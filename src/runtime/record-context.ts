// Dependencies of the actions on records.
import { v7 } from "uuid";
import type { RecordContext } from "../domain/records/context";
import { readConfig } from "../env";
import type { AssetsEnv } from "./assets";
import { createEmailChecker } from "./email-checker";
import { tasksIn, usersIn, type TablesEnv } from "./tables";

/** Context of one invocation's actions on records, for this caller. */
export function createRecordContext(
  env: TablesEnv & AssetsEnv,
  caller: Pick<RecordContext, "hasToken" | "origin" | "asker" | "language">,
): RecordContext {
  const { channels, signUp } = readConfig(env).config;
  return {
    users: usersIn(env),
    tasks: tasksIn(env),
    // One checker for all, so that together they use no more connections than an invocation has.
    checkEmail: createEmailChecker(env),
    channels,
    asksToConfirm: signUp === "confirmed" && !caller.hasToken,
    ...caller,
    newId: v7,
    now: Date.now,
  };
}
