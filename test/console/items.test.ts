// A list of items as it is typed.
import { it } from "vitest";
import { formatItems, parseItems } from "../../src/console/items";

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
