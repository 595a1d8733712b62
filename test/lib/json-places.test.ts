import { describe, it } from "vitest";
import { pathsTo } from "../../src/lib/json-places";

const encoder = new TextEncoder();

/** The paths to all places where an `@` would stand outside of texts. */
function paths(text: string) {
  const bytes = encoder.encode(text);
  const places = [...bytes.keys()].filter((at) => bytes[at] === 0x40);
  return pathsTo(bytes, places);
}

describe("pathsTo", () => {
  it.for([
    ["@", [[]]],
    ["[@,1,@]", [[0], [2]]],
    ['{"a":@,"b":{"c":[1,[@]]}}', [["a"], ["b", "c", 1, 0]]],
    ['[{"a":1,"b":[]},{"b":@}]', [[1, "b"]]],
    ['{"é\\u0041\\"":[[],{},@]}', [['éA"', 2]]],
    ['{ "x" : "y" , "z" : @ }', [["z"]]],
    ['{"":{"__proto__":@}}', [["", "__proto__"]]],
  ] as const)("finds its way in %s", ([text, expected], { expect }) => {
    expect(paths(text)).toEqual(expected);
  });

  it.for(['{"\\x":@', "}}]]@", "{:@", '{"a@', ",:@"])(
    "gives some path in %s, which is no JSON",
    (text, { expect }) => {
      expect(() => paths(text)).not.toThrow();
    },
  );
});
