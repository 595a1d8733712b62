import * as fc from "fast-check";
import { describe, it } from "vitest";
import { CsvError } from "../../../src/domain/operations/csv";
import { parseCsv } from "../../support/parse-csv";

const quote = (field: string) => `"${field.replaceAll('"', '""')}"`;

describe("CSV as RFC 4180 has it", () => {
  it("reads back every table, written with quotes or without where they are not needed", ({
    expect,
  }) => {
    const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", ";") });
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) => fc.array(fc.array(field, { minLength: width, maxLength: width })));
    const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(table, lineEnd, fc.boolean(), (records, end, isBare) => {
        const write = (text: string) => (isBare && /^[a-zé ]+$/.test(text) ? text : quote(text));
        const text = records.map((record) => record.map(write).join(",")).join(end);
        expect(parseCsv(text)).toEqual(records);
        expect(parseCsv(text + end)).toEqual(records);
      }),
    );
  });

  it.for<[string, string, string[][]]>([
    [
      "empty fields",
      "a,,\n,,",
      [
        ["a", "", ""],
        ["", "", ""],
      ],
    ],
    ["an empty quoted field alone", '""\nx', [[""], ["x"]]],
    ["empty lines", "\n\na\n\n\nb\n\n", [["a"], ["b"]]],
    ["spaces as they are", " a , b ", [[" a ", " b "]]],
    ["a byte order mark", "\ufeffa", [["a"]]],
    ["nothing", "", []],
  ])("reads %s", ([, text, records], { expect }) => {
    expect(parseCsv(text)).toEqual(records);
  });

  it("takes other delimiters, and then commas for text", ({ expect }) => {
    for (const delimiter of [";", "\t", "|"] as const) {
      expect(parseCsv(`a,b${delimiter}"c${delimiter}d"`, { delimiter })).toEqual([
        ["a,b", `c${delimiter}d`],
      ]);
    }
  });

  it.for([
    ["an open quote", 'a\n"x', "record 2 has a misplaced quote"],
    ["a quote inside a bare field", 'x"y"', "record 1 has a misplaced quote"],
    ["text after a closing quote", '"a"b', "record 1 has a misplaced quote"],
  ] as const)("refuses %s", ([, text, message], { expect }) => {
    expect(() => parseCsv(text)).toThrow(CsvError);
    expect(() => parseCsv(text)).toThrow(message);
  });

  it("reads a mebibyte of quotes without effort", ({ expect }) => {
    expect(parseCsv('"a"\n'.repeat(250_000))).toHaveLength(250_000);
    expect(parseCsv(`"${'""'.repeat(500_000)}"`)[0]?.[0]).toHaveLength(500_000);
    expect(() => parseCsv('"'.repeat(1_000_001))).toThrow(CsvError);
    expect(parseCsv(",".repeat(1_000_000))[0]).toHaveLength(1_000_001);
  });
});
