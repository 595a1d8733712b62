// Long texts and lists that are made part by part: where their JSON alone is wanted, and where a step takes them.
import { describe, it } from "vitest";
import type { OperationSource } from "../../../src/domain/operations";
import { jsonPieces } from "../../../src/lib/json-pieces";
import { WrittenPieces } from "../../../src/lib/written-pieces";
import { outputOf, written } from "./run-operation";

const PART = 'Ab \n\t c,d "é" ж\u00a0 👩‍👩‍👧\ud83d ';
const LONG = PART.repeat(9_000);

const OUTPUTS: readonly (readonly [OperationSource, string, unknown])[] = [
  ["collapse_whitespace", ` ${LONG} `, LONG.replaceAll(/\s+/gu, " ").trim()],
  ["collapse_whitespace", `a${" ".repeat(100_000)}b`, "a b"],
  ["reverse", LONG, ' \ud83d👩‍👩‍👧 \u00a0ж "é" d,c \t\n bA'.repeat(9_000)],
  ["reverse", "ab".repeat(50_000), "ba".repeat(50_000)],
  [
    "titlecase",
    LONG,
    LONG.replaceAll(/[cd]/g, (letter) => letter.toUpperCase())
      .replaceAll("ж", "Ж")
      .replaceAll("é", "É"),
  ],
  ["snake_case", "aB".repeat(40_000), `a${"_ba".repeat(39_999)}_b`],
  [
    { name: "replace", search: "aa", replacement: "$&" },
    "aaab".repeat(20_000),
    "$&ab".repeat(20_000),
  ],
  [
    { name: "replace", search: "a", replacement: "ж".repeat(20) },
    "a".repeat(45_000),
    "ж".repeat(900_000),
  ],
  [{ name: "replace", search: "x", replacement: "" }, LONG, LONG],
  ["strip_html", `${"<p>a < b</p>".repeat(4_000)}<`, `${"a < b ".repeat(4_000)}<`],
  ["html_escape", "<é&".repeat(20_000), "&lt;é&amp;".repeat(20_000)],
  ["html_unescape", "a&lt;&eacute;;&".repeat(4_000), "a<é;&".repeat(4_000)],
  [{ name: "split", separator: "" }, "aé".repeat(30_000), Array.from("aé".repeat(30_000))],
  [{ name: "split", separator: "c," }, LONG, LONG.split("c,")],
  [{ name: "split", separator: "c,", limit: 2 }, LONG, [LONG.slice(0, 6), LONG.slice(8)]],
  [
    { name: "split", separator: "", limit: 2 },
    "ab".repeat(30_000),
    ["a", `b${"ab".repeat(29_999)}`],
  ],
];

describe("a long output", () => {
  it.for(OUTPUTS)(
    "of %j is the same written and as a value",
    async ([operation, item, output], { expect }) => {
      const { made, errors } = await written(operation, item);
      expect(errors).toEqual([]);
      // Their differences would be megabytes.
      const isSame = (value: unknown) => JSON.stringify(value) === JSON.stringify([output]);
      expect(isSame(JSON.parse([...jsonPieces(made)].join("")))).toBe(true);
      expect(isSame(await outputOf(operation, [item]))).toBe(true);
    },
  );

  it("of rows with many columns is the same written and as a value", async ({ expect }) => {
    const head = Array.from({ length: 2_001 }, (_, at) => (at === 7 ? "__proto__" : `c${at}`)).join(
      ",",
    );
    const text = `${head}\n${"é,".repeat(2_000)}\n"a""b"\n${"x,".repeat(9)}`;
    const { made } = await written("csv_parse", text);
    const values = await outputOf("csv_parse", [text]);
    expect(JSON.parse([...jsonPieces(made)].join(""))).toEqual(values);
    expect(values).toMatchObject([[{ c0: "é", c2000: "" }, { c0: 'a"b', c1: "" }, { c8: "x" }]]);
  });

  it("is written as it is made", async ({ expect }) => {
    const { made } = await written("reverse", LONG);
    expect(made[0]).toBeInstanceOf(WrittenPieces);
  });

  it.for<OperationSource>([
    { name: "replace", search: "\u0001", replacement: "ab" },
    { name: "split", separator: "" },
    [{ name: "split", separator: "" }, "length"],
  ])("of %j that is too large fails", async (operation, { expect }) => {
    const { made, errors } = await written(operation, "\u0001".repeat(1_000_000));
    expect(made).toEqual([null]);
    expect(errors).toMatchObject([{ index: 0, code: "too-large" }]);
  });
});
