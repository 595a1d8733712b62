import { describe, it } from "vitest";
import * as v from "valibot";
import { textReader } from "../../src/lib/text-reader";

describe("textReader", () => {
  it.for([
    ["a text", v.string(), "12", "12"],
    ["one of several texts", v.picklist(["1", "2"]), "1", "1"],
    ["a number", v.number(), "-1.5", -1.5],
    ["a bounded number", v.pipe(v.number(), v.integer(), v.maxValue(5)), "3", 3],
    ["a number that may be absent or null", v.optional(v.nullable(v.number()), null), "3", 3],
    ["a boolean", v.exactOptional(v.boolean()), "false", false],
    [
      "a list of texts",
      v.optional(v.array(v.pipe(v.string(), v.minLength(1)))),
      "a, b;c",
      ["a", "b", "c"],
    ],
    ["a list of numbers", v.array(v.number()), "[1,2]", [1, 2]],
    ["an object", v.strictObject({ a: v.number() }), '{"a":1}', { a: 1 }],
    ["anything", v.unknown(), "[true]", [true]],
  ] as const)("reads %s", ([, schema, text, value], { expect }) => {
    expect(textReader(schema).read(text)).toEqual(value);
  });

  it.for([
    ["a number", v.number(), "0x10"],
    ["a boolean", v.boolean(), "yes"],
    ["an object", v.record(v.string(), v.unknown()), "{"],
  ] as const)("leaves what is not %s as it is", ([, schema, text], { expect }) => {
    expect(textReader(schema).read(text)).toBe(text);
  });
});
