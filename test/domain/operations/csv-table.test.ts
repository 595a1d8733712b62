// csv_parse in the dialects that are met: the collection csv-spectrum (Max Ogden, BSD-2-Clause) whole, of which
// one expectation is mended (it told another telephone number than its file, and no list), and a table of the
// cases that the collection csv-test-data names.
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { jsonPieces } from "../../../src/lib/json-pieces";
import { WrittenPieces } from "../../../src/lib/written-pieces";
import spectrum from "../../fixtures/csv-spectrum.json";
import { oneOutput, outputOf, refusalOf, run, written } from "./run-operation";

const parse = (text: string, options: Record<string, unknown> = {}) =>
  oneOutput({ name: "csv_parse", ...options }, text);
const asLists = { header: false };

it.for(spectrum.map(({ name, csv, rows }) => [name, csv, rows] as const))(
  "csv-spectrum: %s",
  async ([, csv, rows], { expect }) => {
    expect(await parse(csv)).toEqual(rows);
    // One of them has quotes inside its fields.
    const isStrict = !/\d"/.test(csv);
    const { errors } = await run({ name: "csv_parse", quotes: "strict", ragged: "error" }, [csv]);
    expect(errors.length).toBe(isStrict ? 0 : 1);
  },
);

describe("csv-test-data", () => {
  it.for<[string, string, unknown]>([
    [
      "all-empty",
      ",,\n,,\n",
      [
        ["", "", ""],
        ["", "", ""],
      ],
    ],
    ["empty-field", "a,,c\n", [["a", "", "c"]]],
    ["empty-one-column", '""\n""\n', [[""], [""]]],
    ["leading-space", " a, b\n", [[" a", " b"]]],
    ["one-column", "a\nb\n", [["a"], ["b"]]],
    ["quotes-empty", '"","",""\n', [["", "", ""]]],
    ["quotes-with-comma", 'a,"b,c"\n', [["a", "b,c"]]],
    ["quotes-with-escaped-quote", 'a,"b ""c"" d"\n', [["a", 'b "c" d']]],
    ["quotes-with-newline", 'a,"b\nc"\n', [["a", "b\nc"]]],
    ["quotes-with-space", 'a," b "\n', [["a", " b "]]],
    [
      "simple-crlf",
      "a,b\r\nc,d\r\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "simple-lf",
      "a,b\nc,d\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "trailing-newline",
      "a,b\nc,d\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["trailing-newline-one-field", "a\nb\n", [["a"], ["b"]]],
    ["trailing-space", "a ,b \n", [["a ", "b "]]],
    ["utf8", "ä,€,😀\n", [["ä", "€", "😀"]]],
  ])("%s", async ([, text, rows], { expect }) => {
    expect(await parse(text, asLists)).toEqual(rows);
    expect(await parse(text, { ...asLists, quotes: "strict", ragged: "error" })).toEqual(rows);
  });

  it.for<[string, string, unknown]>([
    ["bad-header-less-fields", "a\n1,2\n", [{ a: "1", column_2: "2" }]],
    ["bad-header-more-fields", "a,b,c\n1,2\n", [{ a: "1", b: "2", c: "" }]],
    ["bad-missing-quote", 'a,b\n"1,2\n', [{ a: "1,2\n", b: "" }]],
    ["bad-quotes-with-unescaped-quote", 'a,b\n"1 "x" 2",3\n', [{ a: '1 x" 2"', b: "3" }]],
    ["bad-unescaped-quote", 'a,b\n6" pipe,2\n', [{ a: '6" pipe', b: "2" }]],
  ])("%s is read, and refused where asked", async ([, text, rows], { expect }) => {
    expect(await parse(text)).toEqual(rows);
    const strict = { name: "csv_parse", quotes: "strict", ragged: "error" };
    expect(await refusalOf(strict, text)).toBe("invalid-value");
  });

  it.for<[string, string, unknown]>([
    ["header-no-rows", "a,b\n", []],
    ["header-simple", "a,b\n1,2\n", [{ a: "1", b: "2" }]],
  ])("%s", async ([, text, rows], { expect }) => {
    expect(await parse(text)).toEqual(rows);
  });
});

describe("the delimiter", () => {
  it.for([",", ";", "\t", "|"])("%j is found", async (delimiter, { expect }) => {
    const rows = [
      ["name", "note"],
      ["Ada", "a,b;c\td|e"],
      ["Bo", "1,5"],
    ];
    const text = rows.map((row) => row.map((cell) => `"${cell}"`).join(delimiter)).join("\r\n");
    expect(await parse(text, asLists)).toEqual(rows);
    const bare = ["a", "b", "c"].join(delimiter);
    expect(await parse(`${bare}\n${bare}`, asLists)).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
  });

  it("may be told by the first line, or by the caller", async ({ expect }) => {
    expect(await parse("sep=;\na;b\n1,5;2")).toEqual([{ a: "1,5", b: "2" }]);
    expect(await parse("\ufeffsep=^\r\na^b\r\n1^2")).toEqual([{ a: "1", b: "2" }]);
    expect(await parse('"1,5";"2,5"\n"3,5";"4,5"', asLists)).toEqual([
      ["1,5", "2,5"],
      ["3,5", "4,5"],
    ]);
    expect(await parse('"a"|"x;y"\n5" nail|"z;w"', asLists)).toEqual([
      ["a", "x;y"],
      ['5" nail', "z;w"],
    ]);
    expect(await parse("sep=;\na,b\n1,2", { delimiter: "," })).toEqual([{ a: "1", b: "2" }]);
    expect(await parse("a\tb;c", { ...asLists, delimiter: "tab" })).toEqual([["a", "b;c"]]);
  });

  it("may be any character, also of two code units", async ({ expect }) => {
    const rows = [["a", 'b"', ""]];
    for (const quotes of ["strict", "relaxed"])
      expect(await parse('"a"🙂"b"""🙂', { ...asLists, quotes, delimiter: "🙂" })).toEqual(rows);
    expect(await parse('sep=🙂\n"a"🙂"b"""🙂', asLists)).toEqual(rows);
  });

  it("is not told by a line that goes on in quotes", async ({ expect }) => {
    expect(await parse('"sep=;\nx",b', asLists)).toEqual([["sep=;\nx", "b"]]);
    expect(await parse('"sep=;"\na;b', asLists)).toEqual([["a", "b"]]);
  });

  it("is not what begins a comment", async ({ expect }) => {
    expect(await parse(";x;y\na,b\n;x;y", { ...asLists, comments: ";" })).toEqual([["a", "b"]]);
  });
});

describe("the options", () => {
  it("name columns, skip lines and comments, and trim", async ({ expect }) => {
    expect(await parse("1,2\n3,4", { columns: ["x", "y"] })).toEqual([
      { x: "1", y: "2" },
      { x: "3", y: "4" },
    ]);
    expect(await parse("a,b\n1,2", { columns: ["x", "y"], header: true })).toEqual([
      { x: "1", y: "2" },
    ]);
    expect(
      await parse("Report\n\n# made today\na,b\n#x\n1,2", { skip_lines: 1, comments: "#" }),
    ).toEqual([{ a: "1", b: "2" }]);
    expect(await parse(' a , "b,c" \n 1 ," 2 "', { trim: true })).toEqual([
      { a: "1", "b,c": " 2 " },
    ]);
    expect(await parse("a\n\n1", { skip_empty: false })).toEqual([{ a: "" }, { a: "1" }]);
  });

  it("keep every value where names are missing or repeated", async ({ expect }) => {
    expect(await parse("a,a,,\n1,2,3,4")).toEqual([
      { a: "1", a_2: "2", column_3: "3", column_4: "4" },
    ]);
  });

  it("do not fill up more cells than memory holds", async ({ expect }) => {
    const text = `${",".repeat(100_000)}\n${"1\n".repeat(100)}`;
    expect(await refusalOf("csv_parse", text)).toBe("too-large");
  });

  it("that are none are refused", async ({ expect }) => {
    for (const option of [
      { delimiter: "" },
      { delimiter: "ab" },
      { delimiter: "\ud83d" },
      { comments: '"' },
      { comments: "\t", delimiter: "tab" },
      { ragged: "x" },
    ]) {
      await expect(run({ name: "csv_parse", ...option }, ["a"])).rejects.toThrow(/^[A-Z][^/]*$/);
    }
  });
});

it("reads back every table that is written with quotes, whatever its delimiter", async ({
  expect,
}) => {
  const field = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é", ";", "#") });
  const table = fc
    .integer({ min: 2, max: 4 })
    .chain((width) =>
      fc.array(fc.array(field, { minLength: width, maxLength: width }), { minLength: 1 }),
    );
  await fc.assert(
    fc.asyncProperty(table, fc.constantFrom(",", ";", "\t", "|"), async (rows, delimiter) => {
      const text = rows
        .map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter))
        .join("\n");
      expect(await parse(text, { ...asLists, delimiter })).toEqual(rows);
      expect(await parse(text, { ...asLists, delimiter, quotes: "strict" })).toEqual(rows);
    }),
  );
});

it("a mebibyte of quotes takes no effort", async ({ expect }) => {
  for (const text of [
    '"'.repeat(1_000_001),
    '"a"b"'.repeat(200_000),
    `a"${'"\n'.repeat(300_000)}`,
  ]) {
    expect(await refusalOf("csv_parse", text)).toMatch(/none|too-large/);
  }
});

describe("a long table whose JSON alone is wanted", () => {
  const text = `name,note\n${Array.from({ length: 5000 }, (_, n) => `Å${n},"a ""b"" ${n}"`).join("\n")}`;
  it("is written as it is made, and is what it is elsewhere", async ({ expect }) => {
    const { made } = await written("csv_parse", text);
    expect(made[0]).toBeInstanceOf(WrittenPieces);
    expect(JSON.parse([...jsonPieces(made)].join(""))).toEqual(await outputOf("csv_parse", [text]));
  });

  it("is a list for the steps of a pipeline", async ({ expect }) => {
    const { made } = await written(
      ["csv_parse", { name: "select", expression: "[-1].name" }],
      text,
    );
    expect(made).toEqual(["Å4999"]);
  });

  it("fails where it is too large", async ({ expect }) => {
    const wide = `${"n".repeat(500)}\n${"1\n".repeat(20_000)}`;
    const { made, errors } = await written("csv_parse", wide);
    expect(made).toEqual([null]);
    expect(errors).toMatchObject([{ index: 0, code: "too-large" }]);
  });
});
