// Numbers and durations as people read them.
import { it } from "vitest";
import { count, formatDuration, formatNumber, formatValue } from "../../src/console/format";

it.for([
  [0, "0 ms"],
  [0.42, "0.4 ms"],
  [119.6, "120 ms"],
  [1240, "1.24 s"],
  [20_400, "20.4 s"],
  [200_000, "3 min 20 s"],
  [4_000_000, "1 h 6 min"],
] as const)("%d ms reads %s", ([ms, text], { expect }) => {
  expect(formatDuration(ms)).toBe(text);
});

it("counts have their noun, large numbers their commas", ({ expect }) => {
  expect(count(1, "call")).toBe("1 call");
  expect(count(12_000, "call")).toBe("12,000 calls");
  expect(formatNumber(12.34)).toBe("12.3");
});

it("a text stands for itself, anything else for its JSON", ({ expect }) => {
  expect([formatValue("a"), formatValue([1, null])]).toEqual(["a", "[1,null]"]);
});
