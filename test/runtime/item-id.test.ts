import fc from "fast-check";
import { validate, version } from "uuid";
import { it } from "vitest";
import { itemId } from "../../src/runtime/item-id";

const BATCH = "6f1c1a52-9a42-4d0e-8c8a-0d5e2f1b7a11";
const CREATED_AT = Date.UTC(2026, 0, 1);

it("gives an item the same UUIDv7 each time", async ({ expect }) => {
  const [once, again] = await Promise.all([
    itemId(BATCH, CREATED_AT, 41),
    itemId(BATCH, CREATED_AT, 41),
  ]);
  expect(again).toBe(once);
  expect(validate(once)).toBe(true);
  expect(version(once)).toBe(7);
});

it("gives different items and batches different ids", async ({ expect }) => {
  const ids = await Promise.all([
    ...Array.from({ length: 1000 }, (_, index) => itemId(BATCH, CREATED_AT, index)),
    itemId(crypto.randomUUID(), CREATED_AT, 0),
  ]);
  expect(new Set(ids).size).toBe(ids.length);
});

it("gives ids that sort in input order, and by batch", async () => {
  const index = fc.integer({ min: 0, max: 99_999 });
  await fc.assert(
    fc.asyncProperty(index, index, fc.uuid(), async (a, b, batch) => {
      const [idA, idB] = await Promise.all([
        itemId(batch, CREATED_AT, a),
        itemId(batch, CREATED_AT, b),
      ]);
      return Math.sign(a - b) === Math.sign(idA.localeCompare(idB));
    }),
  );
  await fc.assert(
    fc.asyncProperty(index, index, async (a, b) => {
      const [older, newer] = await Promise.all([
        itemId(BATCH, CREATED_AT, a),
        itemId(BATCH, CREATED_AT + 1, b),
      ]);
      return older < newer;
    }),
  );
});
