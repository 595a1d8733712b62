// Lists that do not show yet what was just done.
import { it } from "vitest";
import { addRecent, withRecent } from "../../src/console/recent";

const item = (id: string, version: number) => ({ id, version });

it("what is not listed yet stands in front, once", ({ expect }) => {
  const recent = addRecent(addRecent([], item("b", 1)), item("a", 1));

  expect(withRecent([item("b", 1), item("c", 1)], recent)).toEqual([
    item("a", 1),
    item("b", 1),
    item("c", 1),
  ]);
});

it("the newer version of an item is shown in its place, whoever has it", ({ expect }) => {
  const recent = addRecent([item("a", 1), item("b", 2)], item("a", 2));

  expect(withRecent([item("a", 1), item("b", 3)], recent)).toEqual([item("a", 2), item("b", 3)]);
});
