// What items should be, and the JSON Schema Test Suite (MIT, draft 4).
import { describe, it } from "vitest";
import suite from "../../fixtures/json-schema-draft4.json";
import { oneOutput, outputOf, refusalOf, run } from "./run-operation";

describe("validate", () => {
  const verdicts = async (as: string, items: readonly unknown[]) => {
    const found = (await outputOf({ name: "validate", as }, items)) as { valid: boolean }[];
    return found.map(({ valid }) => valid);
  };

  it("knows addresses, URLs, UUIDs and dates", async ({ expect }) => {
    expect(
      await verdicts("email", ["a@b.example", "ü@bücher.example", "a@", "a b@c.de", 5, " a@b.de"]),
    ).toEqual([true, true, false, false, false, false]);
    expect(
      await verdicts("url", [
        "https://a.com/x?y",
        "http://[::1]/",
        "ftp://a.com",
        "a.com",
        " https://a.com",
        "https://a\nb.com",
        "https:a.com",
        "http:///a.com",
        "https:\\\\a.com",
        "https://a.com/b c",
        "https://a.com/b\u200e",
        "https://a.com/\ud800",
      ]),
    ).toEqual([true, true, ...Array<boolean>(10).fill(false)]);
    for (const dropped of ["\u200b", "\u00ad", "\ufeff"]) {
      expect(await verdicts("email", [`a@b.de${dropped}`, `a@b${dropped}.de`])).toEqual([
        false,
        false,
      ]);
      expect(await verdicts("url", [`http://a${dropped}.de`, `http://a.de/${dropped}`])).toEqual([
        false,
        true,
      ]);
    }
    const joined = "\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com";
    expect(await verdicts("email", [`a@${joined}`])).toEqual([true]);
    expect(await verdicts("url", [`http://${joined}`])).toEqual([true]);
    expect(
      await oneOutput({ name: "validate", as: "url" }, `http://a.de/${"b".repeat(8_192)}`),
    ).toEqual({
      valid: false,
      reason: "Over 8192 characters",
    });
    expect(await verdicts("uuid", ["0190163d-8694-739b-aea5-966c26f8ad90", "x"])).toEqual([
      true,
      false,
    ]);
    const ips = ["1.2.3.4", "::1", "2001:db8::ff00:42:8329", "1:2:3:4:5:6:1.2.3.4", "1::1.2.3.4"];
    const none = ["1.2.3.256", "::g", "1::2::3", "1:2:3:4:5:6:7:1.2.3.4", "fe80::1%eth0", "[::1]"];
    expect(await verdicts("ip", ips)).toEqual(ips.map(() => true));
    expect(await verdicts("ip", none)).toEqual(none.map(() => false));
    expect(
      await verdicts("date", [
        "2024-02-29",
        "2024-02-29T10:00:00Z",
        "1990-12-31T15:59:60-08:00",
        "2023-02-29",
        "29.2.2024",
        "1990-12-31T15:59:60Z",
        "2024-02-29T24:00:00Z",
      ]),
    ).toEqual([true, true, true, false, false, false, false]);
  });

  it("judges by the JSON Schema Test Suite (draft 4) as it says", async ({ expect }) => {
    const failures: string[] = [];
    let count = 0;
    for (const { file, description, schema, tests } of suite) {
      // It asks for schemas from the network.
      if (file === "refRemote" || JSON.stringify(schema).includes("http://json-schema.org"))
        continue;
      const operation = { name: "validate", as: "schema", schema: asDraft4(schema) };
      for (const [test = "", data, valid] of tests as [string, unknown, boolean][]) {
        count += 1;
        const found = await oneOutput(operation, data);
        if (found === null || (found as { valid: boolean }).valid !== valid)
          failures.push(`${file}: ${description}: ${test}`);
      }
    }
    expect(failures).toEqual([]);
    expect(count).toBeGreaterThan(230);
  });

  const asDraft4 = (schema: object) => ({
    ...schema,
    $schema: "http://json-schema.org/draft-04/schema#",
  });

  it("tells where and why", async ({ expect }) => {
    const schema = { type: "object", properties: { age: { minimum: 18 } }, required: ["age"] };
    const operation = { name: "validate", as: "schema", schema };
    expect(await outputOf(operation, [{ age: 20 }, { age: 3 }, 5])).toEqual([
      { valid: true },
      { valid: false, reason: expect.stringContaining("#/age: ") },
      { valid: false, reason: expect.stringContaining("#: ") },
    ]);
  });

  it("takes what looks like a keyword, but is a name or an annotation", async ({ expect }) => {
    const schema = {
      properties: { required: { type: "string" }, enum: true },
      dependencies: { required: ["enum"] },
      default: { required: 5 },
      format: "__proto__",
    };
    const operation = { name: "validate", as: "schema", schema };
    expect(await outputOf(operation, [{ required: "x", enum: 1 }, "text"])).toEqual([
      { valid: true },
      { valid: true },
    ]);
    // A reference may lead to what is checked nowhere.
    const broken = { $ref: "#/note", note: { required: 5 } };
    expect(await refusalOf({ name: "validate", as: "schema", schema: broken }, {})).toBe(
      "invalid-value",
    );
  });

  it("checks the names of properties by a pattern", async ({ expect }) => {
    const schema = { propertyNames: { pattern: "^[a-z]+$" } };
    const operation = { name: "validate", as: "schema", schema };
    expect(await outputOf(operation, [{ abc: 1 }, { a1: 1 }])).toEqual([
      { valid: true },
      { valid: false, reason: expect.stringContaining("#/a1") },
    ]);
  });

  it("matches patterns in linear time, in RE2's syntax", async ({ expect }) => {
    const schema = {
      properties: { a: { pattern: "^(a+)+$" }, b: { format: "url" } },
      patternProperties: { "^x(\\d+)+$": { type: "number" } },
      additionalProperties: { type: "string" },
    };
    const operation = { name: "validate", as: "schema", schema };
    const evil = "a".repeat(9_000);
    const items = [
      { a: evil },
      { a: `${evil}!` },
      { x1: 1, other: "t" },
      { x1: "t" },
      { b: `http://${"a".repeat(60)} !` },
    ];
    const found = (await outputOf(operation, items)) as { valid: boolean }[];
    expect(found.map(({ valid }) => valid)).toEqual([true, false, true, false, false]);
    expect(await refusalOf(operation, { a: "a".repeat(20_000) })).toBe("too-large");
  });

  it("guards the schemas of dependencies, whatever property they depend on", async ({ expect }) => {
    const schema = {
      dependencies: JSON.parse(`{
        "toString": {"properties": {"a": {"pattern": "^(a+)+$"}}},
        "__proto__": {"properties": {"b": {"$ref": "#/definitions/b"}}},
        "$ref": ["id"],
        "id": {"required": ["a"]}
      }`),
      definitions: { b: { type: "string" } },
    };
    const operation = { name: "validate", as: "schema", schema };
    const items = [
      { toString: 1, a: `${"a".repeat(9_000)}!` },
      JSON.parse('{"__proto__": 1, "b": 1}'),
      { $ref: 1 },
      { id: 1, a: 1 },
    ];
    const found = (await outputOf(operation, items)) as { valid: boolean }[];
    expect(found.map(({ valid }) => valid)).toEqual([false, false, false, true]);
  });

  it("takes an empty reference to be the whole schema", async ({ expect }) => {
    const schema = { type: ["object", "null"], additionalProperties: { $ref: "" } };
    const operation = { name: "validate", as: "schema", schema };
    const items = [{ a: { b: null } }, { a: { b: 1 } }];
    const found = (await outputOf(operation, items)) as { valid: boolean }[];
    expect(found.map(({ valid }) => valid)).toEqual([true, false]);
  });

  it("is bounded where a schema refers to itself", async ({ expect }) => {
    const doubling = Object.fromEntries(
      Array.from({ length: 30 }, (_, n) => [
        `d${n}`,
        { allOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] },
      ]),
    );
    const schema = { $ref: "#/$defs/d0", $defs: { ...doubling, d30: true } };
    expect(await refusalOf({ name: "validate", as: "schema", schema }, 1)).toBe("too-large");
    const loop = { $ref: "#" };
    expect(await refusalOf({ name: "validate", as: "schema", schema: loop }, 1)).toBe("too-large");
    const unique = { uniqueItems: true };
    const long = Array.from({ length: 5_000 }, (_, n) => n);
    expect(await refusalOf({ name: "validate", as: "schema", schema: unique }, long)).toBe(
      "too-large",
    );
  });

  it("matches each text once, however many there are beside it", async ({ expect }) => {
    const schema = {
      items: { pattern: "^a" },
      propertyNames: { pattern: "^a" },
      patternProperties: { "^a": { format: "regex" }, "5$": { minLength: 6 } },
    };
    const texts = Array.from({ length: 20_000 }, (_, n) => `a${n}`);
    const named = Object.fromEntries(texts.map((name) => [name, "(x)+y"]));
    const operation = { name: "validate", as: "schema", schema };
    expect(await outputOf(operation, [texts, [...texts, "b"], { a1: "(" }])).toMatchObject([
      { valid: true },
      { valid: false },
      { valid: false, reason: '#/a1: String does not match format "regex".' },
    ]);
    expect(await oneOutput(operation, named)).toMatchObject({ valid: false });
    expect(new RegExp("a")).toBeInstanceOf(RegExp);
  });

  it("keeps its patterns compiled, and counts what it compiles again", async ({ expect }) => {
    const texts = Array.from({ length: 4_000 }, (_, n) => `a${n}`);
    const using = (patterns: readonly string[]) => {
      const allOf = patterns.map((pattern) => ({ pattern }));
      return run({ name: "validate", as: "schema", schema: { items: { allOf } } }, [texts]);
    };
    const few = Array.from("abcdefghij", (letter) => `${letter}*`);
    expect(await using(few)).toMatchObject({ processed_items: [{ valid: true }] });
    const large = [1, 2].map((n) => `(${"x".repeat(900)})?${n}*`);
    await expect(using(large)).rejects.toThrow("more work");
  });

  it("counts the comparisons of lists with themselves and with what a schema lists", async ({
    expect,
  }) => {
    const rows = Array.from({ length: 900 }, (_, n) => [
      ...Array.from({ length: 700 }, () => 0),
      n,
    ]);
    const digits = Array.from({ length: 6_000 }, (_, n) => n % 9);
    const operations = [
      [{ uniqueItems: true }, rows],
      [{ items: { enum: [digits, 9] } }, Array.from({ length: 99_000 }, () => 9)],
    ] as const;
    for (const [schema, item] of operations)
      await expect(run({ name: "validate", as: "schema", schema }, [item])).rejects.toThrow(
        "more work",
      );
    const operation = { name: "validate", as: "schema", schema: { uniqueItems: true } };
    expect(await oneOutput(operation, rows.slice(0, 50))).toEqual({ valid: true });
  });

  it("counts what an evaluation looks at: names, members, elements and characters", async ({
    expect,
  }) => {
    const names = (count: number, value: unknown) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, value]));
    const all = (schema: unknown, length = 600) => ({
      allOf: Array.from({ length }, () => schema),
    });
    const operations: [unknown, unknown][] = [
      [{ items: { properties: names(1_000, true) } }, Array.from({ length: 9_000 }, () => ({}))],
      [all({}), names(9_000, 1)],
      [all({ additionalProperties: true }), names(9_000, 1)],
      [all({ items: true }), Array.from({ length: 99_000 }, () => 1)],
      [all({ minLength: 1 }, 1_200), "x".repeat(200_000)],
    ];
    const operation = (schema: unknown) => ({ name: "validate", as: "schema", schema });
    for (const [schema, item] of operations)
      await expect(run(operation(schema), Array(5).fill(item))).rejects.toThrow("more work");
    const row = { properties: names(10, { type: "string" }), additionalProperties: false };
    const { errors } = await run(operation(row), Array(9_000).fill(names(10, "x")));
    expect(errors).toEqual([]);
  });

  it.for<[unknown]>([
    [{ $ref: "https://example.com/schema" }],
    [{ $ref: "#/nowhere" }],
    [{ pattern: "(?=a)" }],
    [{ pattern: "x".repeat(30_000) }],
    [{ type: "text" }],
    [{ properties: { a: { type: ["string", "nothing"] } } }],
    [[]],
    [{ required: "a" }],
    [{ enum: "a" }],
    [{ allOf: { type: "string" } }],
    [{ properties: { a: null } }],
    [{ items: { dependentRequired: { a: "b" } } }],
    [{ minLength: "5" }],
    [{ multipleOf: 0 }],
    [{ multipleOf: { toString: 1 } }],
    [{ __absolute_ref__: { toString: 1 } }],
    [{ $schema: 5 }],
    [{ $dynamicRef: "#x" }],
    [5],
  ])("refuses the schema %j", async ([schema], { expect }) => {
    await expect(run({ name: "validate", as: "schema", schema }, [1])).rejects.toMatchObject({
      name: "ValiError",
    });
    await expect(run({ name: "validate", as: "email", schema: {} }, [1])).rejects.toThrow();
    await expect(run({ name: "validate", as: "schema" }, [1])).rejects.toThrow();
  });
});
