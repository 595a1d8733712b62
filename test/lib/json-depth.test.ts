import { describe, it } from "vitest";
import { isDeeperThan } from "../../src/lib/json-depth";

function nested(levels: number): unknown {
  let value: unknown = null;
  for (let level = 0; level < levels; level += 1) value = level % 2 ? [value] : { a: value };
  return value;
}

describe("isDeeperThan", () => {
  it.for([
    ["null", null, 0],
    ["a text", "[[[", 0],
    ["an empty array", [], 1],
    ["an object of values", { a: 1, b: null }, 1],
    ["siblings", [[], {}, [[]]], 3],
    ["256 levels", nested(256), 256],
  ] as const)("%s nests no deeper than its own depth", ([, value, depth], { expect }) => {
    expect(isDeeperThan(value, depth)).toBe(false);
    if (depth > 0) expect(isDeeperThan(value, depth - 1)).toBe(true);
  });

  it("needs no stack for what would overflow it", ({ expect }) => {
    const value: unknown = JSON.parse("[".repeat(200_000) + "]".repeat(200_000));
    expect(isDeeperThan(value, 256)).toBe(true);
    expect(isDeeperThan(value, 200_000)).toBe(false);
  });
});
