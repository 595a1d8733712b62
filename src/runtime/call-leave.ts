// Leave for the calls of batches, of the budgets of this deployment.
import type { LeaveDeps } from "../domain/batches/call-leave";
import { readConfig } from "../env";
import { callersIn, type TablesEnv } from "./tables";

/** Budgets, and how they are spent. */
export function createLeaveDeps(
  env: TablesEnv & object,
): Pick<LeaveDeps, "budgets" | "spend" | "now"> {
  return {
    budgets: () => readConfig(env).config.anonymousDaily,
    spend: (...spending) => callersIn(env).spend(...spending),
    now: () => Date.now(),
  };
}
