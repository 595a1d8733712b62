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

/**
 * Admits a caller; see `Admit`. Returns undefined if nothing must be asked.
 *
 * @param isChallenged true if the caller must prove to be a person
 */
export function admitCaller(
  context: RequestContext,
  isChallenged: boolean,
  uses: Uses,
): Promise<void> | undefined {
  const { caller, config } = context;
  if (caller.kind === "token") return undefined;
  const isAsked = isChallenged && config.turnstile !== null;
  const isPaid = config.anonymousDaily !== null && Object.values(uses).some((count) => count > 0);
  return isAsked || isPaid ? challengeAndSpend(context, isAsked, uses) : undefined;
}

async function challengeAndSpend(
  context: RequestContext,
  isAsked: boolean,
  uses: Uses,
): Promise<void> {
  // Checked first: otherwise anyone who fails the challenge could use up the budget that all callers share.
  if (isAsked) await passChallenge(context);
  await spend(context, uses);
}

/** The address whose budgets a request spends; undefined if it spends none. */
export function payerOf({ config, caller, request }: RequestContext): string | undefined {
  if (caller.kind === "token" || config.anonymousDaily === null) return undefined;
  return callerAddress(request.headers);
}

async function spend(context: RequestContext, uses: Uses): Promise<void> {
  const payer = payerOf(context);
  const { config, env } = context;
  const { anonymousDaily } = config;
  const isFree = !Object.values(uses).some((count) => count > 0);
  if (payer === undefined || anonymousDaily === null || isFree) return;
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
