import { describe, it } from "vitest";
import { parseIdempotencyKey } from "../../src/http/idempotency";

describe("the header Idempotency-Key", () => {
  it.for([
    [undefined, null],
    ["abc", "abc"],
    ['"abc"', "abc"],
    ['  "abc"  ', "abc"],
    ['"a b"', "a b"],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ["a\\b", "a\\b"],
    ["8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"],
    ["x".repeat(255), "x".repeat(255)],
  ] as const)("%j means the key %j", ([field, key], { expect }) => {
    const headers = new Headers(field === undefined ? {} : { "Idempotency-Key": field });
    expect(parseIdempotencyKey(headers)).toBe(key);
  });

  it.for([
    "",
    '""',
    '"abc',
    'abc"',
    "a b",
    '"a\\b"',
    '"abc";a=1',
    '"a", "b"',
    "é",
    "x".repeat(256),
  ])("%j is refused", (field, { expect }) => {
    const headers = new Headers({ "Idempotency-Key": field });
    expect(() => parseIdempotencyKey(headers)).toThrow(/1 to 255/);
  });
});
