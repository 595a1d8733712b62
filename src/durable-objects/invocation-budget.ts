// Amounts that one invocation of an object may use.
import { readConfig } from "../env";
import type { InvocationBudget } from "../domain/records/outbox";

/** KV and object operations of one invocation; the platform allows a thousand. */
const MAX_OPERATIONS = 400;

/** The budget of an invocation that begins. */
export function invocationBudget(env: object): InvocationBudget {
  return { operations: MAX_OPERATIONS, requests: readConfig(env).config.limits.subrequests };
}

/** Requests to other servers that an invocation may still send. */
export interface Invocation {
  left: number;
}

/** An invocation that begins. */
export function beginInvocation(env: object): Invocation {
  return { left: invocationBudget(env).requests };
}
