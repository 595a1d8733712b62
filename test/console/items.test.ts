// A list of items as it is typed.
import { it } from "vitest";
import { convertItems, formatItems, parseItems } from "../../src/console/items";

it("lines are texts, and blank ones are no items", ({ expect }) => {
  expect(parseItems({ format: "lines", text: " a \n\nb\n  \n" })).toEqual([" a ", "b"]);
});

it.for(["{}", "[1", "text"])("%s is no JSON array", (text, { expect }) => {
  expect(parseItems({ format: "json", text })).toHaveProperty("fault");
});

it.for([[["a", " b"]], [["two\nlines"]], [["", "a"]], [[1, { a: null }]], [[]]] as const)(
  "%j survives being typed",
  ([items], { expect }) => {
    expect(parseItems(formatItems(items))).toEqual(items);
  },
);

it.for([
  ["lines", "a\n\n b", "json", '[\n  "a",\n  " b"\n]'],
  ["lines", "\n", "json", "[]"],
  ["json", '["a", " b"]', "lines", "a\n b"],
  ["json", '["two\\nlines", 1, {"a": null}, ""]', "lines", '"two\\nlines"\n1\n{"a":null}\n""'],
  ["json", "[1", "lines", "[1"],
  ["json", "[1]", "json", "[1]"],
] as const)("%s %j as %s are %j", ([from, text, to, converted], { expect }) => {
  expect(convertItems({ format: from, text }, to)).toEqual({ format: to, text: converted });
});
