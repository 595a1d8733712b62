import { describe, it } from "vitest";
import {
  BUDGET_NAMES,
  decideSpending,
  DEFAULT_BUDGETS,
  parseBudgets,
  UNUSED,
} from "../../../src/domain/callers/budgets";

describe("ANONYMOUS_DAILY", () => {
  it("has a documented default, also for what it does not name", ({ expect }) => {
    const text = "batches=20 items=20000 calls=2000 total_items=200000 total_calls=20000";
    expect(parseBudgets(text)).toEqual(DEFAULT_BUDGETS);
    expect(parseBudgets("")).toEqual(DEFAULT_BUDGETS);
    expect(parseBudgets("items=5, total_calls=0")).toEqual({
      ...DEFAULT_BUDGETS,
      items: 5,
      total_calls: 0,
    });
  });

  it("is off only where it says so", ({ expect }) => {
    expect(parseBudgets("off")).toBeNull();
    expect(() => parseBudgets("off items=1")).toThrow('"off" is no budget');
  });

  it.for([
    ["batch=20", '"batch" is no budget; is it batches?'],
    ["totl_items=1", '"totl_items" is no budget; is it total_items?'],
    ["Items=1", '"Items" is no budget; is it items?'],
    ["none", '"none" is no budget'],
    ["items", "items is not a whole number from 0"],
    ["items=", "items is not a whole number"],
    ["items=many", "items is not a whole number"],
    ["items=-1", "items is not a whole number"],
    ["items=1.5", "items is not a whole number"],
    ["items=1e3", "items is not a whole number"],
    ["items=1000000001", "items is not a whole number"],
    ["items = 5", "items is not a whole number"],
    ["items=1 items=2", "a name stands twice"],
    [`${"x".repeat(5000)}=1`, "is no budget"],
  ] as const)("%j is refused", ([text, message], { expect }) => {
    expect(() => parseBudgets(text)).toThrow(message);
  });
});

describe("spending", () => {
  const budgets = { batches: 2, items: 10, calls: 5, total_items: 15, total_calls: 8 };

  it("adds up what a caller and all callers use", ({ expect }) => {
    const own = { batches: 1, items: 4, calls: 0 };
    const all = { batches: 7, items: 9, calls: 3 };
    expect(decideSpending(own, all, { batches: 1, items: 6 }, budgets)).toEqual({
      own: { batches: 2, items: 10, calls: 0 },
      all: { batches: 8, items: 15, calls: 3 },
    });
  });

  it.for([
    ["batches", { batches: 3 }, UNUSED, 2],
    ["items", { items: 11 }, UNUSED, 10],
    ["calls", { calls: 6 }, UNUSED, 5],
    ["total_items", { items: 6 }, { batches: 0, items: 10, calls: 0 }, 5],
    ["total_calls", { calls: 1 }, { batches: 0, items: 0, calls: 8 }, 0],
  ] as const)(
    "tells that %s is spent, and what is left",
    ([spent, uses, all, left], { expect }) => {
      expect(decideSpending(UNUSED, all, uses, budgets)).toEqual({ spent, left });
    },
  );

  it("holds nobody up for a budget that a request does not use", ({ expect }) => {
    const used = { batches: 9, items: 99, calls: 5 };
    expect(decideSpending(used, used, { calls: 0 }, budgets)).toHaveProperty("own");
    expect(decideSpending({ ...used, items: 0 }, UNUSED, { items: 1 }, budgets)).toHaveProperty(
      "own",
    );
  });

  it("knows each name", ({ expect }) => {
    expect(Object.keys(DEFAULT_BUDGETS)).toEqual([...BUDGET_NAMES]);
  });
});
