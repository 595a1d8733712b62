import * as v from "valibot";
import { describe, it } from "vitest";
import { PageQuery } from "../../src/http/page";

describe("the query of a list", () => {
  it("has 50 entries a page unless told", ({ expect }) => {
    expect(v.parse(PageQuery, {})).toMatchObject({ limit: 50 });
  });

  it.for([
    ["1", 1],
    ["100", 100],
    ["007", 7],
  ] as const)("takes the limit %j", ([limit, expected], { expect }) => {
    expect(v.parse(PageQuery, { limit })).toMatchObject({ limit: expected });
  });

  it.for(["0", "101", "-1", "1.5", "", " 1", "1e2", "ten", "99999999999", ["1", "2"]])(
    "refuses the limit %j",
    (limit, { expect }) => {
      expect(v.safeParse(PageQuery, { limit }).success).toBe(false);
    },
  );

  it.for(["", "a b", "a/b", "é", "x".repeat(2001), ["a", "b"]])(
    "refuses the cursor %j",
    (cursor, { expect }) => {
      expect(v.safeParse(PageQuery, { cursor }).success).toBe(false);
    },
  );
});
