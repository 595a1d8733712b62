// ANONYMOUS_DAILY: the daily (UTC) budgets of each caller without a token, and of all of them together.
import { editDistance } from "../../lib/edit-distance";

/** Amounts of the budgets that a request uses. */
export interface Uses {
  /** Submissions of batches, and retries of their failed items. */
  readonly batches?: number;
  /** Users and tasks that are created, and items of batches. */
  readonly items?: number;
  /** Requests to other servers. */
  readonly calls?: number;
}

/** Names of the budgets: the first three for each caller, the others for all callers together. */
export const BUDGET_NAMES = ["batches", "items", "calls", "total_items", "total_calls"] as const;
/** One of BUDGET_NAMES. */
export type BudgetName = (typeof BUDGET_NAMES)[number];
/** Limits by name. */
export type Budgets = Readonly<Record<BudgetName, number>>;

/** Limits of the budgets that ANONYMOUS_DAILY does not set. */
export const DEFAULT_BUDGETS: Budgets = {
  batches: 20,
  items: 20_000,
  calls: 2000,
  total_items: 200_000,
  total_calls: 20_000,
};
const MAX_BUDGET = 1_000_000_000;
/** Characters of an unknown name that are quoted. */
const MAX_NAME_CHARACTERS = 50;

/**
 * Parses budgets such as `batches=20 items=20000`; those that are not named get their defaults.
 *
 * @returns null for `off`
 * @throws TypeError for an unknown name or a malformed number
 */
export function parseBudgets(text: string): Budgets | null {
  if (text === "off") return null;
  const entries = text.split(/[\s,]+/).filter((entry) => entry !== "");
  const given = new Map(entries.map(parseEntry));
  if (given.size < entries.length) throw new TypeError("a name stands twice");
  return { ...DEFAULT_BUDGETS, ...Object.fromEntries(given) };
}

function parseEntry(entry: string): [BudgetName, number] {
  const [, name = entry, digits] = /^([^=]*)=(.*)$/.exec(entry) ?? [];
  const known = BUDGET_NAMES.find((budget) => budget === name);
  if (known === undefined) throw new TypeError(`"${name}" is no budget; is it ${nearest(name)}?`);
  const count = /^\d{1,10}$/.test(digits ?? "") ? Number(digits) : Infinity;
  if (count <= MAX_BUDGET) return [known, count];
  throw new TypeError(`${name} is not a whole number from 0 to ${MAX_BUDGET}, as in ${name}=100`);
}

function nearest(name: string): string {
  const distance = (budget: string) => editDistance(name.slice(0, MAX_NAME_CHARACTERS), budget);
  return BUDGET_NAMES.toSorted((a, b) => distance(a) - distance(b))[0] ?? "";
}

/** Amounts used today. */
export type Used = Readonly<Required<Uses>>;
/** The amounts at the start of a day. */
export const UNUSED: Used = { batches: 0, items: 0, calls: 0 };

/** Outcome of a request for budget: the amounts used afterwards, or the first budget that it would exceed. */
export type Decision =
  | { readonly own: Used; readonly all: Used }
  | { readonly spent: BudgetName; readonly left: number };

/** Decides if a caller may use these amounts: all of them, or none. */
export function decideSpending(own: Used, all: Used, uses: Uses, budgets: Budgets): Decision {
  const next = { own: add(own, uses), all: add(all, uses) };
  const checks: [BudgetName, before: number, after: number][] = [
    ["batches", own.batches, next.own.batches],
    ["items", own.items, next.own.items],
    ["calls", own.calls, next.own.calls],
    ["total_items", all.items, next.all.items],
    ["total_calls", all.calls, next.all.calls],
  ];
  for (const [name, before, after] of checks) {
    const isOver = after > before && after > budgets[name];
    if (isOver) return { spent: name, left: Math.max(0, budgets[name] - before) };
  }
  return next;
}

function add(used: Used, { batches = 0, items = 0, calls = 0 }: Uses): Used {
  return {
    batches: used.batches + batches,
    items: used.items + items,
    // Gives back the part that was not needed.
    calls: Math.max(0, used.calls + calls),
  };
}

/** Outcome of a request: it may proceed, or must wait for the next day. */
export type Spending =
  | { readonly status: "spent" }
  | { readonly status: "over"; readonly quota: BudgetName; readonly left: number };

/** The table of the amounts that callers without a token used today. */
export interface CallerTable {
  /**
   * Uses these amounts, or returns the budget that they would exceed; then nothing is used.
   *
   * @param caller the caller's address, which is stored only as a salted hash
   * @param id of this use, which counts once if it is repeated before another one of the caller
   */
  spend(caller: string, uses: Uses, budgets: Budgets, id?: string): Promise<Spending>;
}
