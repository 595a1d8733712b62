import { describe, it } from "vitest";
import { accepts, type Columns, csvFile, ndjson } from "../../src/http/reply";

function accept(value: string | null): boolean {
  return accepts(new Headers(value === null ? {} : { Accept: value }), "application/x-ndjson");
}

describe("accepts", () => {
  it.for([
    "application/x-ndjson",
    "APPLICATION/X-NDJSON",
    "application/json, application/x-ndjson",
    "application/x-ndjson; q=0.5",
    "application/json;q=0.4, application/x-ndjson;q=0.5",
    "application/x-ndjson;charset=utf-8 , */*;q=0.1",
  ])("yes: %s", (value, { expect }) => {
    expect(accept(value)).toBe(true);
  });

  it.for([
    null,
    "",
    "*/*",
    "application/*",
    "application/json",
    "application/x-ndjson; q=0",
    "application/json, application/x-ndjson;q=0.9",
    "application/x-ndjson;q=0.1, text/csv",
    "application/x-ndjson;q=much",
    "application/x-ndjson;q=0.000",
    "application/x-ndjsonx",
  ])("no: %j", (value, { expect }) => {
    expect(accept(value)).toBe(false);
  });
});

async function* twoGroups() {
  yield [{ text: "two\nlines\u2028" }, 1];
  yield [];
  yield [null];
}

describe("ndjson", () => {
  it("is one JSON value a line, whatever is in it, and each group at once", async ({ expect }) => {
    const { mediaType, chunks } = ndjson(twoGroups());
    const lines: string[] = [];
    for await (const line of chunks) lines.push(line);
    expect(mediaType).toBe("application/x-ndjson");
    expect(lines).toEqual(['{"text":"two\\nlines\u2028"}\n1\n', "null\n"]);
  });

  it("ends its source when the reader stops", async ({ expect }) => {
    let isEnded = false;
    async function* values() {
      try {
        for (;;) yield [1];
      } finally {
        isEnded = true;
      }
    }
    const { chunks } = ndjson(values());
    await chunks.next();
    await chunks.return(undefined);
    expect(isEnded).toBe(true);
  });
});

describe("csv", () => {
  it("has a line of names, and a line of cells for each row", async ({ expect }) => {
    async function* rows() {
      yield [{ a: 1, b: "x,y" }];
      yield [];
      yield [{ a: 2, b: null }];
    }
    type Row = { readonly a: number; readonly b: string | null };
    const columns: Columns<Row> = ["a", ["second", ({ b }) => b]];
    const { headers, body } = csvFile("numbers", columns, rows());
    const { mediaType, chunks } = body;
    expect(headers).toEqual({ "Content-Disposition": 'attachment; filename="numbers.csv"' });
    const lines: string[] = [];
    for await (const line of chunks) lines.push(line);
    expect(mediaType).toBe("text/csv; charset=utf-8");
    expect(lines).toEqual(["\ufeffa,second\r\n", '1,"x,y"\r\n', "2,\r\n"]);
  });
});
