// The grammar of expressions, against the decisions of the reference implementation (jmespath.py 1.1.0): its
// parser was given three thousand expressions, of the grammar and mutated at random.
import { describe, it } from "vitest";
import { compileQuery } from "../../../src/domain/json-query";
import corpus from "../../fixtures/jmespath-corpus.json";

/** True if an expression is in the grammar, whatever functions it names. */
function isTaken(expression: string): boolean {
  try {
    compileQuery(expression);
    return true;
  } catch (error) {
    return error instanceof Error && error.message.startsWith("Unknown function");
  }
}

const faultOf = (expression: string) => {
  try {
    compileQuery(expression);
    return "none";
  } catch (error) {
    return error instanceof Error ? error.message : "?";
  }
};

describe("an expression", () => {
  it("is taken if the reference takes it", ({ expect }) => {
    expect(corpus.accepted.length).toBeGreaterThan(1_200);
    expect(corpus.accepted.filter((expression) => !isTaken(expression))).toEqual([]);
  });

  it("is refused if the reference refuses it", ({ expect }) => {
    expect(corpus.rejected.length).toBeGreaterThan(1_500);
    expect(corpus.rejected.filter(isTaken)).toEqual([]);
  });

  it("is refused for a number that would be another", ({ expect }) => {
    for (const number of ["9007199254740993", "-1e400", '{"a": [12345678901234567890]}'])
      expect(faultOf(`id == \`${number}\``), number).toContain("at character 7: a number that");
    expect(faultOf("id == `9007199254740991` || id == `1.5e300`")).toBe("none");
  });

  // Literals that are not JSON, which JEP-12 has withdrawn; `&` that is no argument; arguments and members
  // without a comma between them.
  it("is refused if it is not in the grammar, though the reference takes it", ({ expect }) => {
    expect(corpus.lenient.filter(isTaken)).toEqual([]);
  });

  it("that is refused is told where and why", ({ expect }) => {
    expect(faultOf("status = 'active'")).toBe(
      "Cannot parse the expression at character 8: to compare, write ==",
    );
    expect(faultOf("age > 18")).toBe(
      "Cannot parse the expression at character 7: numbers stand in backticks: `18`",
    );
    expect(faultOf("a and b")).toContain("character 3: write &&");
    expect(faultOf("a or b")).toContain("character 3: write ||");
    expect(faultOf("a == 'b")).toBe(
      "Cannot parse the expression at character 6: a quote is not closed",
    );
    expect(faultOf("a[1-2]")).toBe("Cannot parse the expression at character 4: not expected here");
    expect(faultOf("a ==")).toBe("Cannot parse the expression at character 5: more is expected");
    expect(faultOf("a ~ b")).toBe("Cannot parse the expression at character 3: unknown character");
  });

  it("may hold any number of escaped backticks", ({ expect }) => {
    expect(compileQuery('`"\\`a\\`"`').evaluate(null)).toBe("`a`");
  });

  // What JMESPath Community has added, and what is taken over from other languages.
  it("is refused with a root, arithmetic, a variable or a choice", ({ expect }) => {
    expect(faultOf("first-name == 'Ada'")).toContain("character 6: a name with a hyphen is quoted");
    expect(faultOf("$.age > `18`")).toContain("character 1: the item itself is @");
    const others = ["a + b", "a -b", "a * b", "a / b", "a // b", "a % b", "-a", "a ? b : c"];
    expect([...others, "$a", "let $a = b in $a", "a\u2212b"].filter(isTaken)).toEqual([]);
  });
});

it("texts are compared by code point, and different types not at all", ({ expect }) => {
  const compare = (expression: string, a: unknown, b: unknown) =>
    compileQuery(expression).evaluate({ a, b });
  expect(compare("a < b", "\uff41", "\u{1f600}")).toBe(true);
  expect(compare("a > b", "b", "a")).toBe(true);
  expect(compare("a >= b", "a", "a")).toBe(true);
  expect(compare("a <= b", "ab", "a")).toBe(false);
  expect(compare("a < b", "1", 2)).toBe(null);
  expect(compare("a < b", null, "a")).toBe(null);
});
