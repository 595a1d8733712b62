import fc from "fast-check";
import { describe, it } from "vitest";
import { findCsvDialect } from "../../src/lib/csv-dialect";
import { CSV_DELIMITERS, CsvReader, type CsvDelimiter } from "../../src/lib/csv-reader";

function read(pieces: readonly string[], delimiter: CsvDelimiter = ",", max = 1000) {
  const reader = new CsvReader(delimiter, max);
  return [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.end()].map((row) =>
    "cells" in row ? [row.line, row.cells].flat() : [row.line, row.fault],
  );
}

describe("CsvReader", () => {
  it.for([
    [
      "a plain file",
      "a,b\r\n1,2\r\n",
      [
        [1, "a", "b"],
        [2, "1", "2"],
      ],
    ],
    [
      "a byte order mark",
      "\ufeffa\n1",
      [
        [1, "a"],
        [2, "1"],
      ],
    ],
    [
      "old line ends",
      "a,b\r1,2\r",
      [
        [1, "a", "b"],
        [2, "1", "2"],
      ],
    ],
    [
      "blank lines",
      "a\n\n\r\n1\n",
      [
        [1, "a"],
        [4, "1"],
      ],
    ],
    [
      "an empty text in quotes",
      'a\n""\n',
      [
        [1, "a"],
        [2, ""],
      ],
    ],
    [
      "line breaks in quotes",
      '"a\r\nb",c\nd,"e\n"\nf,g',
      [
        [1, "a\r\nb", "c"],
        [3, "d", "e\n"],
        [5, "f", "g"],
      ],
    ],
    ["one byte order mark alone", '\ufeff\ufeff"a"\n', [[1, '\ufeff"a"']]],
    ["blanks around quotes", 'a, "b, c" ,d\n', [[1, "a", "b, c", "d"]]],
    ["quotes inside", '5" pipe,"say ""hi"""\n', [[1, '5" pipe', 'say "hi"']]],
    [
      "empty cells",
      ",,\n,a,",
      [
        [1, "", "", ""],
        [2, "", "a", ""],
      ],
    ],
  ] as const)("reads %s", ([, text, rows], { expect }) => {
    expect(read([text])).toEqual(rows);
    expect(read(Array.from(text))).toEqual(rows);
  });

  it("goes on after a row that cannot be read", ({ expect }) => {
    const [first, fault, last] = read(['a,b\n"c"d,e\nf,g\n']);
    expect([first, last]).toEqual([
      [1, "a", "b"],
      [3, "f", "g"],
    ]);
    expect(fault).toEqual([2, expect.stringContaining("closing quote")]);
  });

  it("tells the line of a quote that is not closed, and stops", ({ expect }) => {
    expect(read(['a\n"b\nc\n'])).toEqual([
      [1, "a"],
      [2, expect.stringContaining("not closed")],
    ]);
    const long = ['a\n"b', "x".repeat(2000), '"\nc\n'];
    expect(read(long)).toEqual([
      [1, "a"],
      [2, expect.stringContaining("not closed")],
    ]);
  });

  it("reads the same in one piece and in many", ({ expect }) => {
    const cell = fc.string({
      unit: fc.constantFrom("a", '"', ",", "\r", "\n", " ", "é"),
      maxLength: 6,
    });
    const cuts = fc.array(fc.nat(60), { maxLength: 4 });
    fc.assert(
      fc.property(
        cell.map((text) => text.repeat(3)),
        cuts,
        (text, places) => {
          const ends = [...places.toSorted((a, b) => a - b), text.length];
          const pieces = ends.map((end, at) => text.slice(ends[at - 1] ?? 0, end));
          expect(read(pieces)).toEqual(read([text]));
        },
      ),
    );
  });

  it("reads whatever was written by the rules", ({ expect }) => {
    const delimiter = fc.constantFrom(...CSV_DELIMITERS);
    const rows = fc.array(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), { minLength: 1 });
    fc.assert(
      fc.property(delimiter, rows, (mark, written) => {
        const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
        const text = written.map((cells) => `${cells.map(quoted).join(mark)}\r\n`).join("");
        expect(read([text], mark, 10_000).map(([, ...cells]) => cells)).toEqual(written);
      }),
    );
  });
});

describe("findCsvDialect", () => {
  it.for([
    ["a,b\n1,2\n", ","],
    ["a;b\n1,5;2\n", ";"],
    ["a\tb\n1,5\t2;3\n", "\t"],
    ["a|b\n1|2\n", "|"],
    ['"a;b",c\n"x;y;z",1\n', ","],
    ["name\nAda, Countess\n", ","],
    ["name\nAda\n", ","],
    ["a;b;c\n1;2\n", ";"],
    ["a;b", ";"],
    ["", ","],
  ] as const)("tells of %j what separates its cells", ([text, delimiter], { expect }) => {
    expect(findCsvDialect(text, true, null)).toEqual({ delimiter, start: 0, line: 1 });
  });

  it("honours a line that says it, and skips that", ({ expect }) => {
    expect(findCsvDialect('"sep=;\nx",b', true, null)).toEqual({
      delimiter: ",",
      start: 0,
      line: 1,
    });
    for (const mark of ["sep=;\r\n", "\ufeffSEP=;\r\n", '"sep=;"\r\n'])
      expect(findCsvDialect(`${mark}a,b;c`, true, null)).toEqual({
        delimiter: ";",
        start: mark.length,
        line: 2,
      });
    expect(findCsvDialect("sep=;\na,b", true, ",")).toEqual({ delimiter: ",", start: 6, line: 2 });
  });
});
