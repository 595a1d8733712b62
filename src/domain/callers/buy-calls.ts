// Buys requests to other servers from the budgets of the day, as they are needed.
import type { Budgets, CallerTable } from "./budgets";

/** A caller whose requests are counted, and the budgets. */
export interface Payer {
  /** The caller's address. */
  readonly caller: string;
  readonly budgets: Budgets;
  readonly spend: CallerTable["spend"];
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** Buys so many requests, or what is left of the budget. @returns the number bought */
export async function buyCalls(
  { caller, budgets, spend }: Omit<Payer, "now">,
  calls: number,
): Promise<number> {
  const spending = await spend(caller, { calls }, budgets);
  if (spending.status === "spent") return calls;
  const { left } = spending;
  const rest = left > 0 ? await spend(caller, { calls: left }, budgets) : spending;
  return rest.status === "spent" ? left : 0;
}

/**
 * Gives back requests that were not needed.
 *
 * @param until the end of the day that paid for them, in milliseconds since 1970 UTC: then nothing is left
 */
export async function giveBackCalls(
  { caller, budgets, spend, now }: Payer,
  calls: number,
  until: number,
): Promise<void> {
  if (calls !== 0 && now() < until) await spend(caller, { calls: -calls }, budgets);
}
