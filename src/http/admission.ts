// Admits callers without a token: first the challenge, then the budgets of the day. Checked once a request is
// known to be valid and no repeat, so that an invalid request uses nothing, and before anything is done.
import type { BudgetName, Spending, Uses } from "../domain/callers/budgets";
import { DomainError } from "../domain/errors";
import { nextMidnight } from "../lib/next-midnight";
import { callersIn } from "../runtime/tables";
import type { RequestContext } from "./request-context";
import { callerAddress } from "./limits";
import { passChallenge } from "./turnstile";

/**
 * Admits the caller of a request that uses this much of the day's budgets. Holders of a token are always
 * admitted.
 *
 * @throws HttpError `challenge-failed`
 * @throws DomainError `quota-exceeded`, and `unavailable` if the budgets cannot be read
 */
export type Admit = (uses: Uses) => Promise<void>;

/** Admits a caller; see `Admit`. `isChallenged` is true if the caller must prove to be a person. */
export async function admitCaller(
  context: RequestContext,
  isChallenged: boolean,
  uses: Uses,
): Promise<void> {
  if (context.caller.kind === "token") return;
  // Checked first: otherwise anyone who fails the challenge could use up the budget that all callers share.
  if (isChallenged && context.config.turnstile !== null) await passChallenge(context);
  const payer = payerOf(context);
  if (payer !== undefined) await spend(payer, uses, context);
}

/** The address whose budgets a request spends; undefined if it spends none. */
export function payerOf({ config, caller, request }: RequestContext): string | undefined {
  if (caller.kind === "token" || config.anonymousDaily === null) return undefined;
  return callerAddress(request.headers);
}

async function spend(payer: string, uses: Uses, { config, env }: RequestContext): Promise<void> {
  const { anonymousDaily } = config;
  const isFree = !Object.values(uses).some((count) => count > 0);
  if (anonymousDaily === null || isFree) return;
  const spending = await callersIn(env).spend(payer, uses, anonymousDaily);
  if (spending.status === "over") throw overBudget(spending, anonymousDaily[spending.quota]);
}

const WHAT: Record<BudgetName, string> = {
  batches: "submissions and retries of batches",
  items: "users, tasks and items of batches",
  calls: "calls",
  total_items: "users, tasks and items of batches from all such callers",
  total_calls: "calls from all such callers",
};

function overBudget(
  { quota, left }: Extract<Spending, { status: "over" }>,
  budget: number,
): DomainError {
  const now = Date.now();
  return new DomainError(
    "quota-exceeded",
    `Without a token a day has ${budget} ${WHAT[quota]}, of which ${left} are left until 00:00 UTC.`,
    {
      extensions: { quota },
      retryAfterSeconds: Math.ceil((nextMidnight(now) - now) / 1000),
    },
  );
}
