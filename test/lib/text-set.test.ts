import { it } from "vitest";
import { TextSet } from "../../src/lib/text-set";

it("TextSet knows which of 100,000 texts it has seen", ({ expect }) => {
  const seen = new TextSet();
  const texts = Array.from({ length: 100_000 }, (_, n) => `row-${n}`);
  expect(texts.filter((text) => !seen.add(text))).toEqual([]);
  expect(texts.filter((text) => seen.add(text))).toEqual([]);
  expect([seen.add(""), seen.add("")]).toEqual([true, false]);
});
