import { describe, it } from "vitest";
import { parseTokens } from "../../../src/domain/callers/tokens";

const shown = (list: string) =>
  parseTokens(list).map(({ name, bytes }) => [name, new TextDecoder().decode(bytes)]);

describe("API_TOKENS", () => {
  it("is a list of tokens, with or without spaces around them", ({ expect }) => {
    expect(shown(" one, two ,,three")).toEqual([
      ["1", "one"],
      ["2", "two"],
      ["3", "three"],
    ]);
    expect(parseTokens("")).toEqual([]);
  });

  it("may name each of them", ({ expect }) => {
    expect(shown("site:abc, dev,ops:d-e_f.g~h+i/j==")).toEqual([
      ["site", "abc"],
      ["2", "dev"],
      ["ops", "d-e_f.g~h+i/j=="],
    ]);
  });

  it("gives two tokens of one name to one holder, others to one each", ({ expect }) => {
    const holders = parseTokens("site:old,site:new,ops:old2,plain,other").map(
      ({ holder }) => holder,
    );
    expect(holders[0]).toBe(holders[1]);
    expect(new Set(holders).size).toBe(4);
  });

  it("never takes a token without a name for a name", ({ expect }) => {
    const [named, bare] = parseTokens("site:abc,site");
    expect(named?.holder).not.toBe(bare?.holder);
  });

  it.for([
    ["two words", "token 1"],
    ["good,t\u00f6k\u00e9n", "token 2"],
    ["a\tb", "token 1"],
    ["site:", "token 1"],
    ["site:ab:cd", "token 1"],
    ["x", "fewer than 2"],
    ["site:x", "fewer than 2"],
    [":s3cr3t", "name of token 1"],
    ["1:s3cr3t", "name of token 1"],
    ["a b:s3cr3t", "name of token 1"],
    [`${"n".repeat(33)}:s3cr3t`, "name of token 1"],
    ["s3cr3t,s3cr3t", "stands twice"],
    ["a:s3cr3t,b:s3cr3t", "stands twice"],
    ["s3cr3t,b:s3cr3t", "stands twice"],
  ] as const)("%j is refused without showing it", ([list, message], { expect }) => {
    expect(() => parseTokens(list)).toThrow(message);
    expect(() => parseTokens(list)).not.toThrow("s3cr3t");
  });
});
