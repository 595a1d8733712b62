import { it } from "vitest";
import { searchWords } from "../../src/lib/search-words";

const ENTRIES = ["date_parse: read a time", "trim: no spaces", "parse_json: read text"];
const found = (query: string) => searchWords(query, ENTRIES, (entry) => entry.split(": "));

it("every word must stand in an entry, or begin a word there", ({ expect }) => {
  expect(found("read")).toEqual([ENTRIES[0], ENTRIES[2]]);
  expect(found("READ tim")).toEqual([ENTRIES[0]]);
  expect(found("nowhere")).toEqual([]);
  expect(found("?!")).toEqual([]);
});

it("the nearest comes first, and without a whole match those with most words", ({ expect }) => {
  expect(found("parse")[0]).toBe(ENTRIES[0]);
  expect(found("parse json")).toEqual([ENTRIES[2]]);
  expect(found("I want no spaces at all")).toEqual([ENTRIES[1]]);
  expect(found("how do I read a time for that")).toEqual([ENTRIES[0]]);
  expect(found("a")).toEqual([ENTRIES[0]]);
  expect(found("read spaces")[0]).toBe(ENTRIES[1]);
});

it("a question that is answered by yes or no looks for a check", ({ expect }) => {
  const entries = ["text: is made", "prove: check a text", "parse: read a text"];
  expect(searchWords("Is it text?", entries, (entry) => [entry])).toEqual([entries[1]]);
  expect(searchWords("what is made", entries, (entry) => [entry])).toEqual([entries[0]]);
});

it("a word that stands nowhere is taken for another form of one, or for a slip", ({ expect }) => {
  expect(found("texts")).toEqual([ENTRIES[2]]);
  expect(found("reading")).toEqual([ENTRIES[0], ENTRIES[2]]);
  expect(found("spcaes")).toEqual([ENTRIES[1]]);
  expect(found("txet")).toEqual([ENTRIES[2]]);
  expect(found("xml")).toEqual([]);
});
