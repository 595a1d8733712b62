// Places of faults in words.
import { it } from "vitest";
import { faultsWithin, placeOf, type Problem } from "../../src/console/problem";

it.for([
  ["#/items/0/email", "Item 1, email"],
  ["#/items/12", "Item 13"],
  ["#/urls/1", "URL 2"],
  ["#/notify/0", "Channel 1"],
  ["#/operation/2/length", "Step 3, length"],
  ["#/operation/length", "operation, length"],
  ["#/metadata/a~1b%20c", "metadata, a/b c"],
  ["#", "The body"],
] as const)("%s is %s", ([pointer, place], { expect }) => {
  expect(placeOf({ pointer })).toBe(place);
});

it("a place in a file is its line", ({ expect }) => {
  expect(placeOf({ pointer: "#/items/3/email", line: 9 })).toBe("Line 9, email");
});

it("faults within a place say where, and those of others are left out", ({ expect }) => {
  const problem: Problem = {
    type: "",
    title: "",
    status: 422,
    detail: "",
    code: "invalid-body",
    request_id: "",
    errors: [
      { pointer: "#/items", detail: "Too many" },
      { pointer: "#/items/3/email", detail: "The address has no @" },
      { pointer: "#/itemsets/1", detail: "Unknown field" },
    ],
  };

  expect(faultsWithin(problem, "#/items")).toEqual([
    "Too many",
    "Item 4, email: The address has no @",
  ]);
});
