// HTML's character references against a library that has its table and its rules built in.
import { env } from "cloudflare:workers";
import { decodeHTML } from "entities/decode";
import * as fc from "fast-check";
import * as v from "valibot";
import { beforeAll, expect, it } from "vitest";
import { Operation, runPipeline } from "../../../src/domain/operations";
import {
  type CharacterNames,
  decodeReferences,
  parseCharacterNames,
} from "../../../src/domain/operations/character-references";
import { readAsset } from "../../../src/runtime/assets";
import { runOptions } from "./run-operation";
import { loadAllOperations } from "../../support/load-operations";

await loadAllOperations();

let names: CharacterNames;
beforeAll(async () => {
  names = parseCharacterNames(await readAsset(env, "character-references.json"));
});

it("All 2,231 names of HTML stand for what they stand for in a browser", () => {
  expect(names.size).toBe(2231);
  for (const [name, text] of names) {
    expect(decodeReferences(`&${name}`, names), name).toBe(text);
    expect(decodeHTML(`&${name}`), name).toBe(text);
  }
});

it("Every number that is written as a reference is the character that a browser makes of it", () => {
  for (let code = 0; code <= 0x11_00_10; code += code < 0x30_00 ? 1 : 997) {
    const text = `&#${code};&#x${code.toString(16)}`;
    expect(decodeReferences(text, names), text).toBe(decodeHTML(text));
  }
});

it("Any text is decoded as the library does", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ..."&;#xX0129aftAEl¬é😀 \n".split(""),
      "&amp",
      "&not",
      "&notin",
      "&#x",
      "&#",
      "&lt;",
      "it;",
    ),
    fc.nat().map((at) => `&${[...names.keys()][at % names.size]}`),
    fc.nat().map((at) => `&${[...names.keys()][at % names.size]?.slice(0, -1)}`),
    fc.nat({ max: 0x12_00_00 }).map((code) => `&#${code}`),
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const text = pieces.join("");
      expect(decodeReferences(text, names)).toBe(decodeHTML(text));
    }),
    { numRuns: 2000 },
  );
});

it("A run reads the table once at most, however many items need it", async () => {
  const asked: string[] = [];
  const readTable = (name: string) => {
    asked.push(name);
    return runOptions.readTable(name);
  };
  const items = Array.from({ length: 1000 }, () => "&eacute;");
  const outcome = await runPipeline(v.parse(Operation, "html_unescape"), items, {
    ...runOptions,
    readTable,
  });
  expect(outcome).toEqual({ processed_items: items.map(() => "é"), errors: [] });
  // Not at all where an earlier run of this isolate has read it.
  expect(["", "character-references.json"]).toContain(asked.join());
});
