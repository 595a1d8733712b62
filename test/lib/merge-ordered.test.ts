import { it } from "vitest";
import { mergeOrdered } from "../../src/lib/merge-ordered";

const isLess = (one: number, other: number) => one < other;

it("mergeOrdered gives the items of all sources in their order", ({ expect }) => {
  const sources = [[1, 4, 9], [], [2, 3, 10, 11], [4]];
  expect([...mergeOrdered(sources, isLess)]).toEqual([1, 2, 3, 4, 4, 9, 10, 11]);
  expect([...mergeOrdered<number>([], isLess)]).toEqual([]);
});

it("mergeOrdered reads one item of each source ahead, and no more", ({ expect }) => {
  let read = 0;
  function* numbers(from: number) {
    for (let n = from; ; n += 10) {
      read += 1;
      yield n;
    }
  }
  const taken: number[] = [];
  for (const n of mergeOrdered([numbers(0), numbers(5)], isLess)) {
    taken.push(n);
    if (taken.length === 4) break;
  }
  expect(taken).toEqual([0, 5, 10, 15]);
  expect(read).toBe(5);
});
