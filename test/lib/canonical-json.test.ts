import { describe, it } from "vitest";
import { canonicalJson } from "../../src/lib/canonical-json";

describe("canonicalJson", () => {
  it.for([
    ['{"b":1,"a":{"d":[1,2],"c":null}}', '{ "a": {"c": null, "d": [1, 2]}, "b": 1 }'],
    ['"\\u0041"', '"A"'],
    ["1.0e2", "100"],
    ['{"10":1,"9":2}', '{"9":2,"10":1}'],
    ['{"__proto__":1,"a":2}', '{"a":2,"__proto__":1}'],
  ] as const)("of %s and %s is the same", ([one, other], { expect }) => {
    expect(canonicalJson(JSON.parse(one))).toBe(canonicalJson(JSON.parse(other)));
  });

  it.for([
    ["[1,2]", "[2,1]"],
    ["1", '"1"'],
    ["null", "{}"],
    ["[]", "{}"],
    ['{"a":1}', '{"a":2}'],
    ['{"a":"b\\",\\"c\\":\\"d"}', '{"a":"b","c":"d"}'],
    ['{"__proto__":{"a":1}}', "{}"],
  ] as const)("of %s and %s differs", ([one, other], { expect }) => {
    expect(canonicalJson(JSON.parse(one))).not.toBe(canonicalJson(JSON.parse(other)));
  });

  it("is JSON of the same value", ({ expect }) => {
    const value = { b: [1, "two", null, true], a: { "é\n": -0.5 } };
    expect(JSON.parse(canonicalJson(value))).toEqual(value);
    expect(canonicalJson({ a: undefined, b: [undefined] })).toBe('{"b":[null]}');
    expect(canonicalJson(undefined)).toBe("null");
  });
});
