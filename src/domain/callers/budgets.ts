// ANONYMOUS_DAILY: what one caller without a token, and all of them together, may use a day (UTC).
import { editDistance } from "../../lib/edit-distance";

/** What a request uses, so many of each. */
export interface Uses {
  /** Submissions of batches and their retries. */
  readonly batches?: number;
  /** Users and tasks that are posted, items of batches. */
  readonly items?: number;
  /** Requests to other servers that are asked for; their repeats and redirects are not counted. */
  readonly calls?: number;
}

/** The names in ANONYMOUS_DAILY: of one caller, and of all together. */
export const BUDGET_NAMES = ["batches", "items", "calls", "total_items", "total_calls"] as const;
export type BudgetName = (typeof BUDGET_NAMES)[number];
export type Budgets = Readonly<Record<BudgetName, number>>;

/** Where ANONYMOUS_DAILY does not say. */
export const DEFAULT_BUDGETS: Budgets = {
  batches: 20,
  items: 20_000,
  calls: 2000,
  total_items: 200_000,
  total_calls: 20_000,
};
const MAX_BUDGET = 1_000_000_000;
/** Of a name that is none. */
const MAX_NAME_CHARACTERS = 50;

/**
 * Reads budgets such as `batches=20 items=20000`; those that are not named are the default ones.
 *
 * @returns null for `off`
 * @throws TypeError for an unknown name, or what is no number
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

/** What was used today. */
export type Used = Readonly<Required<Uses>>;
/** Nothing yet. */
export const UNUSED: Used = { batches: 0, items: 0, calls: 0 };

/** Outcome of asking for more: what is used then, or the first budget that it would be over. */
export type Decision =
  | { readonly own: Used; readonly all: Used }
  | { readonly spent: BudgetName; readonly left: number };

/** Decides if a caller may use so much more. It gets all that it asks for, or nothing. */
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
    calls: used.calls + calls,
  };
}

/** Outcome of a request: it may go on, or has to wait for the next day. */
export type Spending =
  | { readonly status: "spent" }
  | { readonly status: "over"; readonly quota: BudgetName; readonly left: number };

/** What callers without a token have used today. */
export interface CallerTable {
  /**
   * Lets a caller use so much more, or says which budget that would be over; then nothing is used. A
   * repeat after a restart may count twice.
   *
   * @param caller an address, of which nothing is kept that can be read
   */
  spend(caller: string, uses: Uses, budgets: Budgets): Promise<Spending>;
}
