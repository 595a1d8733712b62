import { describe, it } from "vitest";
import { csvLine } from "../../src/lib/csv-line";

/** A cell by itself. */
const cell = (value: unknown) => csvLine([value]).slice(0, -2);

describe("csvLine", () => {
  it("quotes what has quotes, commas or line breaks", ({ expect }) => {
    expect(csvLine(["a", "b,c", 'say "hi"', "x\ny", null, undefined, 1.5, true])).toBe(
      'a,"b,c","say ""hi""","x\ny",,,1.5,true\r\n',
    );
  });

  it("writes what is no text as JSON", ({ expect }) => {
    expect(cell({ a: [-1, -2], b: "x" })).toBe('"{""a"":[-1,-2],""b"":""x""}"');
    expect(cell(-5)).toBe("-5");
  });

  it.for(["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＋1", "－1", "＠a", " =1", '"=1"'])(
    "guards what begins like a formula: %s",
    (text, { expect }) => {
      expect(cell(text).replaceAll('"', "")).toBe(text.replaceAll('"', "").replace(/(?=\S)/, "'"));
    },
  );

  it.for([
    ["Ada;=1+1", "Ada;'=1+1"],
    ["Ada; -1", "Ada; '-1"],
    ["Ada\t@A1", "Ada\t'@A1"],
    ["Ada,+1", '"Ada,\'+1"'],
    ["Ada\n=1", '"Ada\n\'=1"'],
    ["Ada\r\n=1", '"Ada\r\n\'=1"'],
    ['x;"=1"', '"x;""\'=1"""'],
    ["=1;=2;=3", "'=1;'=2;'=3"],
    [{ note: "x;=1", low: [1, -2] }, '"{""note"":""x;\'=1"",""low"":[1,-2]}"'],
  ] as const)("guards it where other separators begin a cell: %j", ([value, text], { expect }) => {
    expect(cell(value)).toBe(text);
  });

  it.for(["Ada", "a=b", "1-2", "ada@example.com", "x;y", "a - b", "C++"])(
    "leaves %s as it is",
    (text, { expect }) => {
      expect(cell(text)).toBe(text);
    },
  );
});
