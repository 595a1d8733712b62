import * as fc from "fast-check";
import { describe, it } from "vitest";
import { search } from "@jmespath-community/jmespath";
import { compileQuery } from "../../../src/domain/json-query";
import {
  Budget,
  MAX_QUERY_CHARS,
  MAX_QUERY_STEPS,
  QueryError,
} from "../../../src/domain/json-query/budget";

const evaluate = (expression: string, value: unknown) => compileQuery(expression).evaluate(value);

function codeOf(run: () => unknown): string {
  try {
    run();
    return "no error";
  } catch (error) {
    return error instanceof QueryError ? error.code : `not a QueryError: ${String(error)}`;
  }
}

const people = [
  { name: "Ada", age: 36, tags: ["math"], city: { name: "London" } },
  { name: "Bob", age: 9, tags: [], city: { name: "Paris" } },
  { name: "Cy", age: 70, tags: ["tea", "math"] },
];

describe("a query answers as JMESPath does", () => {
  it("of a number in a text, and of none", ({ expect }) => {
    const texts = ["1", "-2.5e1", " 3 ", "", "0x10", "0b1", "Infinity", "1_0", "x", true, null, 4];
    const numbers = [1, -25, 3, null, null, null, null, null, null, null, null, 4];
    expect(texts.map((text) => evaluate("to_number(@)", text))).toEqual(numbers);
    for (const text of ["9007199254740993", "1e400"])
      expect(codeOf(() => evaluate("to_number(@)", text))).toBe("query-failed");
  });

  it("and fails where it makes a number that a double cannot hold", ({ expect }) => {
    const huge = [1e308, 1e308];
    for (const expression of ["sum(@)", "{a: [avg(@)]}", "to_string(sum(@))"])
      expect(
        codeOf(() => evaluate(expression, huge)),
        expression,
      ).toBe("query-failed");
    expect(evaluate("[?sum(@) > `1`] || 'none'", [huge])).toEqual([huge]);
  });

  it.for<[string, unknown]>([
    ["[].name", ["Ada", "Bob", "Cy"]],
    ["[?age > `10`].name", ["Ada", "Cy"]],
    ["[*].{n: name, c: city.name}[0]", { n: "Ada", c: "London" }],
    ["sort_by(@, &age)[].age", [9, 36, 70]],
    ["sort([].age)", [9, 36, 70]],
    ["max_by(@, &name).name", "Cy"],
    ["min_by(@, &age).name", "Bob"],
    ["max([].age)", 70],
    ["min([].name)", "Ada"],
    ["[].tags[]", ["math", "tea", "math"]],
    ["[?contains(tags, 'math')] | length(@)", 2],
    ["[0:2].age", [36, 9]],
    ["[-1].name", "Cy"],
    ["[0].name[1:]", "da"],
    ["[?city && tags].name", ["Ada"]],
    ["[?!city].name", ["Cy"]],
    ["[0].missing || 'none'", "none"],
    ["map(&city.name, @)", ["London", "Paris", null]],
    ["join('-', [].name)", "Ada-Bob-Cy"],
    ["replace('a.b.c', '.', '-', `1`)", "a-b.c"],
    ["replace('a.b.c', '.', '-')", "a-b-c"],
    ["trim('  x y ')", "x y"],
    ["trim_left('xxaxx', 'x')", "axx"],
    ["trim_right('xxaxx', 'x')", "xxa"],
    ["reverse('abc')", "cba"],
    ["zip([].name, [].age)[0]", ["Ada", 36]],
    ["from_items(zip([].name, [].age))", { Ada: 36, Bob: 9, Cy: 70 }],
    ["group_by([?city], &city.name) | keys(@)", ["London", "Paris"]],
    ["to_string([0].tags)", '["math"]'],
    ["[0] == [0] && [0] != [1]", true],
    ["pad_left('7', `3`, '0')", "007"],
    ['`{"a": 1}`.a', 1],
    ['contains(`[[1], {"a": [2]}]`, `{"a": [2]}`)', true],
    ['contains(`[[1], "2"]`, `2`)', false],
    ["contains('2', `2`)", false],
    ["split('a\u{1f600}b', '')", ["a", "\u{1f600}", "b"]],
    ["replace('a\u{1f600}b', '', '-')", "a-\u{1f600}-b"],
    ["merge([0], [2].{age: `71`}).age", 71],
    ["[0].missing.[name]", null],
    ["[0].missing.{n: name, one: `1`}", null],
    ["[].city.{n: name}", [{ n: "London" }, { n: "Paris" }]],
    ["map(&city.[name], @)", [["London"], ["Paris"], null]],
    ["[0].missing.not_null(@, 'none')", "none"],
    ["[0].missing.type(@)", "null"],
  ])("%s", ([expression, expected], { expect }) => {
    expect(evaluate(expression, people)).toEqual(expected);
  });

  it("agrees with the library on any path through any small JSON value", ({ expect }) => {
    const step = fc.constantFrom(
      "a",
      "b.c",
      "a[0]",
      "b[*].a",
      "a[]",
      "[?a]",
      "*",
      "a || b",
      "a && b",
      "!a",
      // Of null the library makes lists and objects of nulls.
      "(@ || `0`).[a, b]",
      "(@ || `0`).{x: a, y: b}",
      "a == b",
      "[1:]",
      "@",
      "a.*.b",
      "not_null(a, b)",
      "type(@)",
    );
    const json = fc
      .jsonValue({ maxDepth: 4 })
      .filter((value) => !JSON.stringify(value).includes("__proto__"));
    const value = fc.oneof(
      json,
      fc.dictionary(fc.constantFrom("a", "b", "c"), json),
      fc.array(fc.dictionary(fc.constantFrom("a", "b", "c"), json)),
    );
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 4 }), value, (steps, data) => {
        const expression = steps.join(" | ");
        const plain = JSON.parse(JSON.stringify(data));
        expect(evaluate(expression, plain)).toEqual(
          JSON.parse(JSON.stringify(search(plain, expression) ?? null)),
        );
      }),
      { numRuns: 500 },
    );
  });
});

describe("a query refuses", () => {
  it.for<[string, string]>([
    ["nothing", ""],
    ["a path without an end", "a."],
    ["an open bracket", "["],
    ["an open call", "foo("],
    ["two names", "a b"],
    ["an unknown function", "nosuch(@)"],
    ["a prototype's function", "constructor(@)"],
    ["the prototype", "__proto__(@)"],
    ["a broken literal", "`{`"],
    ["too many characters", "a".repeat(MAX_QUERY_CHARS + 1)],
    ["many parentheses", "(".repeat(1_000)],
    ["many brackets", "[".repeat(1_000)],
    ["many negations", `${"!".repeat(999)}a`],
    ["many pipes", `${"a|".repeat(499)}a`],
    ["many braces", "{a:".repeat(300)],
  ])("%s", ([, expression], { expect }) => {
    expect(codeOf(() => compileQuery(expression))).toBe("invalid-query");
  });

  it("types that do not fit, with a short message", ({ expect }) => {
    for (const expression of [
      "abs('x')",
      "sort([0])",
      "sort_by(@, &tags)",
      "sort_by(@, @)",
      "map('a', @)",
      "merge([0], 'a')",
      "zip(@, 'a')",
      "zip(@, `1`)",
      "[::0]",
    ]) {
      expect(codeOf(() => evaluate(expression, people))).toBe("query-failed");
    }
    expect(() => evaluate("length(@)", 5)).toThrow(/^The query failed: .{1,160}$/);
  });
});

describe("a query cannot blow up", () => {
  const zeros = Array.from({ length: 400_000 }, () => 0);
  const texts = Array.from({ length: 20_000 }, (_, n) => `text ${n}`.padEnd(40, "x"));
  const double = "[@,@]" + "|[@,@]".repeat(60);

  it.for<[string, string, unknown]>([
    ["doubling lists", "[@,@][]" + "|[@,@][]".repeat(80), [1]],
    ["doubling trees", double, { a: 1 }],
    ["doubling trees to text", `to_string(${double})`, "x"],
    ["doubling trees compared", `${double} == ${double}`, "x"],
    ["a gigabyte of padding", "pad_left(@, `1000000000`)", "x"],
    ["padding of each item", "map(&pad_right('x', `100000`), @)", zeros],
    ["an exploding replace", "replace(@, '', @)", "x".repeat(100_000)],
    ["a replace a billion times", "replace(@, 'y', 'z', `1000000000`)", "y".repeat(1_000_000)],
    ["a join with a huge separator", "join(t, l)", { t: "x".repeat(10_000), l: texts }],
    ["zip of the same list", "zip(" + "@,".repeat(300) + "@)", zeros],
    [
      "a bad search pattern",
      "contains(t, p)",
      { t: "a".repeat(600_000), p: "b" + "a".repeat(300_000) },
    ],
  ])("%s", ([, expression, data], { expect }) => {
    expect(codeOf(() => evaluate(expression, data))).toMatch(/^query-(too-large|failed)$/);
  });

  it("maximum, reverse, trim and sort work on large inputs", ({ expect }) => {
    expect(evaluate("replace(@, 'x', '$\\'')", "xyx")).toBe("$'y$'");
    expect(evaluate("max(@)", zeros)).toBe(0);
    expect(evaluate("reverse(@) | length(@)", zeros)).toBe(zeros.length);
    expect(evaluate("reverse(@)", "ab".repeat(300_000))).toBe("ba".repeat(300_000));
    expect(evaluate("trim_right(@)", `${" ".repeat(500_000)}x`)).toBe(`${" ".repeat(500_000)}x`);
    expect(evaluate("sort(@) | [0]", texts.toReversed())).toBe("text 0".padEnd(40, "x"));
  });

  it("refuses a result, or data, that is nested too deeply", ({ expect }) => {
    const deep = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    for (const expression of ["@", "to_string(@)", "@ == [@]", "[]"]) {
      expect(codeOf(() => evaluate(expression, deep))).toMatch(/^query-/);
    }
    expect(evaluate("length(@)", deep)).toBe(1);
  });

  it("refuses a result that is larger than its bound", ({ expect }) => {
    expect(codeOf(() => evaluate("[@,@,@,@,@]", "x".repeat(1_000_000)))).toBe("query-too-large");
  });

  it("lets many evaluations share one budget, and spends what they took", ({ expect }) => {
    const query = compileQuery("[].a");
    const shared = new Budget(MAX_QUERY_STEPS);
    query.evaluate([{ a: 1 }], shared);
    const spent = MAX_QUERY_STEPS - shared.left;
    expect(spent).toBeGreaterThan(3);
    expect(codeOf(() => query.evaluate(zeros, new Budget(100)))).toBe("query-too-large");
    query.evaluate([{ a: 1 }], shared);
    expect(MAX_QUERY_STEPS - shared.left).toBe(2 * spent);
  });
});

describe("a query sees data only", () => {
  it("takes prototype names for plain keys", ({ expect }) => {
    for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
      expect(evaluate(name, {})).toBeNull();
      expect(evaluate(`"${name}"`, { a: 1 })).toBeNull();
      expect(evaluate(`${name}.${name}`, [])).toBeNull();
    }
    const own = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}');
    expect(JSON.stringify(evaluate("@", own))).toBe(JSON.stringify(own));
    expect(JSON.stringify(evaluate('{"__proto__": `1`}', {}))).toBe('{"__proto__":1}');
    expect(evaluate("merge(@, `{}`).polluted", own)).toBeNull();
    expect(
      JSON.stringify(evaluate("group_by(@, &k)", [{ k: "__proto__" }, { k: "constructor" }])),
    ).toBe('{"__proto__":[{"k":"__proto__"}],"constructor":[{"k":"constructor"}]}');
    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });

  it("never runs data that looks like an expression", ({ expect }) => {
    const node = { expref: true, type: "Index", value: "constructor" };
    expect(codeOf(() => evaluate("map(@, `[[1]]`)", node))).toBe("query-failed");
    expect(codeOf(() => evaluate("sort_by(`[1]`, @)", node))).toBe("query-failed");
    expect(evaluate("value", node)).toBe("constructor");
  });

  it("gives plain JSON, without a copy of what is JSON already", ({ expect }) => {
    const input = { list: [{ a: 1 }] };
    const result = evaluate("{x: list, y: list, f: not_null(&a), none: nope}", input);
    expect(result).toEqual({ x: [{ a: 1 }], y: [{ a: 1 }], f: null, none: null });
    expect(Reflect.get(result as object, "x")).toBe(input.list);
    expect(evaluate("[@, not_null(&a)]", 1)).toEqual([1, null]);
  });
});
