// Templates, names, URLs, numbers as people write them, tables and digests with keys.
import * as fc from "fast-check";
import { describe, it } from "vitest";
import { oneOutput, outputOf, refusalOf, run } from "./run-operation";

describe("template", () => {
  const fill = (template: string, item: unknown, escape?: "html") =>
    oneOutput({ name: "template", template, ...(escape && { escape }) }, item);

  it.for<[string, unknown, string]>([
    ["{{a.b.c}}", { a: { b: { c: 1 } } }, "1"],
    ["{{#a}}{{b}}{{c}}{{/a}}", { a: { b: 1 }, c: 2 }, "12"],
    ["{{#list}}{{.}};{{/list}}{{^list}}none{{/list}}", { list: [1, 2] }, "1;2;"],
    ["{{#list}}x{{/list}}{{^list}}none{{/list}}", { list: [] }, "none"],
    ["{{#a}}yes{{/a}}{{^b}}no{{/b}}", { a: true, b: null }, "yesno"],
    ["{{! comment }}{{=<% %>=}}<% a %>", { a: 1 }, "1"],
    ["| {{#a}}\n  x\n{{/a}}", { a: 1 }, "| \n  x\n"],
    ["{{missing}}{{a.missing.b}}", { a: {} }, ""],
    ["{{.}}", "text", "text"],
    ["{{list.1}} {{list.9}}", { list: ["a", "b"] }, "b "],
    ["{{object}}", { object: { a: 1 } }, '{"a":1}'],
    ["{{a}} {{{a}}} {{&a}}", { a: "<&>" }, "<&> <&> <&>"],
  ])("%s", async ([template, item, text], { expect }) => {
    expect(await fill(template, item)).toBe(text);
  });

  it("escapes HTML where asked, and only in two braces", async ({ expect }) => {
    expect(await fill("{{a}} {{{a}}}", { a: "<\"&'>" }, "html")).toBe(
      "&lt;&quot;&amp;&apos;&gt; <\"&'>",
    );
  });

  it("sees data alone: no prototype, no function", async ({ expect }) => {
    const names = [
      "constructor",
      "toString",
      "__proto__",
      "a.constructor.name",
      "a.length",
      "hasOwnProperty",
    ];
    for (const name of names) expect(await fill(`[{{${name}}}]`, { a: "text" })).toBe("[]");
    const own: unknown = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}');
    expect(await fill("{{__proto__.x}}{{constructor}}", own)).toBe("12");
  });

  it("is bounded in what it writes and does", async ({ expect }) => {
    const list = Array.from({ length: 1_000 }, (_, n) => n);
    const nested = "{{#list}}{{#list}}{{#list}}{{#list}}{{.}}{{/list}}{{/list}}{{/list}}{{/list}}";
    expect(await refusalOf({ name: "template", template: nested }, { list })).toBe("too-large");
    const silent = nested.replace("{{.}}", "");
    expect(await refusalOf({ name: "template", template: silent }, { list })).toBe("too-large");
  });

  it("is bounded in what its names look through", async ({ expect }) => {
    const list = Array.from({ length: 100_000 }, () => 1);
    const deep = `${"{{#a}}".repeat(600)}{{#list}}{{x}}{{x}}{{/list}}${"{{/a}}".repeat(600)}`;
    expect(await refusalOf({ name: "template", template: deep }, { a: 1, list })).toBe("too-large");
    let nested: unknown = 1;
    for (let depth = 0; depth < 95; depth += 1) nested = { a: nested };
    const long = `{{#list}}{{x${".a".repeat(95)}}}{{/list}}`;
    expect(await refusalOf({ name: "template", template: long }, { x: nested, list })).toBe(
      "too-large",
    );
  });

  it.for(["{{#a}}", "{{a", "{{> part}}", "{{/a}}"])("refuses %s", async (template, { expect }) => {
    await expect(run({ name: "template", template }, [{}])).rejects.toThrow();
  });
});

describe("names", () => {
  it.for<[string, string, string, string]>([
    ["fooBar", "fooBar", "foo_bar", "foo-bar"],
    ["Foo Bar", "fooBar", "foo_bar", "foo-bar"],
    ["--foo--bar--", "fooBar", "foo_bar", "foo-bar"],
    ["XMLHttpRequest", "xmlHttpRequest", "xml_http_request", "xml-http-request"],
    ["HTML5Parser", "html5Parser", "html5_parser", "html5-parser"],
    ["don't stop", "dontStop", "dont_stop", "dont-stop"],
    ["ÜberGröße", "überGröße", "über_größe", "über-größe"],
    ["utf8 v2", "utf8V2", "utf8_v2", "utf8-v2"],
    ["ß ß ŉ", "ßSsʼN", "ß_ß_ŉ", "ß-ß-ŉ"],
    ["ǅungla ǆep", "ǆunglaǅep", "ǆungla_ǆep", "ǆungla-ǆep"],
    ["...", "", "", ""],
    ["ỌJỌ\u0300 X\u0302YZ", "ọjọ\u0300X\u0302yz", "ọjọ\u0300_x\u0302yz", "ọjọ\u0300-x\u0302yz"],
    ["葛\u{e0100} ᠠ\u180b", "葛\u{e0100}ᠠ\u180b", "葛\u{e0100}_ᠠ\u180b", "葛\u{e0100}-ᠠ\u180b"],
    ["I ❤️ you", "iYou", "i_you", "i-you"],
    ["1️⃣ first", "1First", "1_first", "1-first"],
    ["co\u00adop\u2060en", "coopen", "coopen", "coopen"],
    ["ශ්\u200dරී ලංකා", "ශ්\u200dරීලංකා", "ශ්\u200dරී_ලංකා", "ශ්\u200dරී-ලංකා"],
  ])("%s", async ([text, camel, snake, kebab], { expect }) => {
    expect(await oneOutput("camel_case", text)).toBe(camel);
    expect(await oneOutput("snake_case", text)).toBe(snake);
    expect(await oneOutput("kebab_case", text)).toBe(kebab);
  });

  it("stay as they are once written so", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (text) => {
        const snake = await oneOutput("snake_case", text);
        expect(await oneOutput("snake_case", snake)).toBe(snake);
      }),
      { numRuns: 60 },
    );
  });
});

describe("URLs and queries", () => {
  it("keep repeated names and plain data", async ({ expect }) => {
    expect(await oneOutput("query_parse", "a=1&a=2&b=%C3%A9+x&__proto__=p&c")).toEqual(
      JSON.parse('{"a":["1","2"],"b":"é x","__proto__":"p","c":""}'),
    );
    expect(await oneOutput("query_parse", "")).toEqual({});
  });

  it("are bounded by characters", async ({ expect }) => {
    for (const operation of ["url_parse", { name: "validate", as: "url" }])
      expect(await oneOutput(operation, `http://a.de/${"🎉".repeat(5_000)}`)).not.toMatchObject({
        valid: false,
      });
    expect(await refusalOf("url_parse", `http://a.de/${"🎉".repeat(8_192)}`)).toBe("too-large");
  });

  it("of a query are those of the platform's reader", async ({ expect }) => {
    const part = fc.constantFrom("a", "=", "&", "+", "%", "?", "%41", "%C3%A9", "%FF", "é", " ");
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
        const query = parts.join("");
        const lists = Map.groupBy(new URLSearchParams(query), ([name]) => name);
        const values = Array.from(lists, ([name, list]) => [
          name,
          list.length === 1 ? list[0]?.[1] : list.map(([, value]) => value),
        ]);
        expect(await oneOutput("query_parse", query)).toEqual(Object.fromEntries(values));
      }),
      { numRuns: 300 },
    );
    expect(await refusalOf("query_parse", "a&".repeat(10_000))).toBe("none");
    expect(await refusalOf("query_parse", "a&".repeat(10_001))).toBe("too-large");
  });

  it("are those of browsers", async ({ expect }) => {
    expect(await oneOutput("url_parse", "HTTP://user:pw@EXAMPLE.com:80/a/../b?x#y")).toMatchObject({
      scheme: "http",
      username: "user",
      password: "pw",
      hostname: "example.com",
      port: null,
      path: "/b",
      query: "x",
      fragment: "y",
    });
    expect(await oneOutput("url_parse", "mailto:ada@example.com")).toMatchObject({ origin: null });
    expect(await refusalOf("url_parse", "/relative")).toBe("invalid-value");
    expect(await refusalOf("url_parse", `https://${"a".repeat(10_000)}`)).toBe("too-large");
    expect(await refusalOf("url_parse", "https://a.com/\ud800")).toBe("invalid-value");
  });
});

describe("number_format", () => {
  const format = (item: number, options: Record<string, unknown>) =>
    oneOutput({ name: "number_format", ...options }, item);

  it("writes amounts, percentages and digits", async ({ expect }) => {
    expect(await format(1234567.891, { locale: "en" })).toBe("1,234,567.891");
    expect(await format(1234567.891, { locale: "de" })).toBe("1.234.567,891");
    expect(await format(0.256, { locale: "en", style: "percent", maximum_digits: 1 })).toBe(
      "25.6%",
    );
    expect(await format(5, { locale: "en-US", style: "currency", currency: "usd" })).toBe("$5.00");
    expect(await format(5, { locale: "ja-JP", currency: "JPY" })).toBe("￥5");
    expect(await format(1, { locale: "en", minimum_digits: 2 })).toBe("1.00");
    expect(await format(-0.4, { locale: "en", maximum_digits: 0 })).toBe("0");
  });

  it("refuses parts that do not go together", async ({ expect }) => {
    const wrong = [
      { style: "currency" },
      { style: "percent", currency: "EUR" },
      { currency: "EURO" },
      { minimum_digits: 3, maximum_digits: 2 },
    ];
    for (const options of wrong)
      await expect(run({ name: "number_format", ...options }, [1])).rejects.toThrow();
    expect(await refusalOf("number_format", "1")).toBe("wrong-type");
  });
});

describe("tables and groups", () => {
  it("top leaves out what it cannot compare, and keeps the order of equals", async ({ expect }) => {
    const items = [{ n: 1, id: "a" }, { n: 3, id: "b" }, 5, { n: 3, id: "c" }];
    expect(await run({ name: "top", count: 2, by: "abs(n)" }, items)).toMatchObject({
      processed_items: [
        { n: 3, id: "b" },
        { n: 3, id: "c" },
      ],
      errors: [{ index: 2 }],
    });
  });

  it("lookup tells a null in the table from what the table has not", async ({ expect }) => {
    const operation = { name: "lookup", table: { a: null }, default: 0 };
    expect(await outputOf(operation, ["a", "b"])).toEqual([null, 0]);
    await expect(run({ name: "lookup", table: ["a"] }, [0])).rejects.toThrow();
  });

  it("lookup finds by value or by what an expression finds", async ({ expect }) => {
    const table: unknown = JSON.parse('{"a": 1, "2": "two", "constructor": "c", "__proto__": "p"}');
    expect(
      await run({ name: "lookup", table }, ["a", 2, "constructor", "__proto__", "toString", {}]),
    ).toMatchObject({
      processed_items: [1, "two", "c", "p", null, null],
      errors: [
        { index: 4, code: "invalid-value" },
        { index: 5, code: "wrong-type" },
      ],
    });
    expect(
      await outputOf({ name: "lookup", table: { x: { n: 1 } }, by: "id" }, [{ id: "x" }]),
    ).toEqual([{ n: 1 }]);
  });

  it("summarize measures each group, and leaves out what has no number", async ({ expect }) => {
    const items = [
      { k: "a", v: 1 },
      { k: "b", v: "?" },
      { k: "a", v: 3 },
      { k: null, v: 2 },
    ];
    expect(
      await run(
        { name: "summarize", by: "k", value: "v", functions: ["median", "count", "stdev"] },
        items,
      ),
    ).toMatchObject({
      value: [
        { key: "a", median: 2, count: 2, stdev: 1 },
        { key: null, median: 2, count: 1, stdev: 0 },
      ],
      errors: [{ index: 1, code: "wrong-type" }],
    });
  });
});

describe("digests with a key", () => {
  it.for<[string, string, string, string]>([
    // RFC 2202 and RFC 4231
    ["sha1", "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"],
    [
      "sha256",
      "\u000b".repeat(20),
      "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      "sha512",
      "Jefe",
      "what do ya want for nothing?",
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
    ],
  ])("%s", async ([algorithm, key, text, hex], { expect }) => {
    expect(await oneOutput({ name: "hmac", algorithm, key }, text)).toBe(hex);
  });

  it("refuse a lone surrogate, as every digest does", async ({ expect }) => {
    const operations = [
      "sha1",
      "sha256",
      "sha512",
      "crc32",
      "base64_encode",
      "hex_encode",
      "url_encode",
    ];
    for (const name of operations)
      expect(await refusalOf(name, "a\ud800"), name).toBe("invalid-value");
    expect(await refusalOf({ name: "uuid", version: 5 }, "\udfff")).toBe("invalid-value");
  });

  it("bytes in hexadecimal come back", async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        const hex = await oneOutput("hex_encode", text);
        expect(await oneOutput("hex_decode", hex)).toBe(text);
      }),
      { numRuns: 60 },
    );
    for (const bad of ["abc", "zz", "ff", " 61"])
      expect(await refusalOf("hex_decode", bad)).toBe("invalid-value");
  });

  it("uuid: a name space means version 5, version 7 sorts by time", async ({ expect }) => {
    const named = { name: "uuid", namespace: "dns" };
    expect(await oneOutput(named, "www.example.com")).toBe("2ed6657d-e927-568b-95e1-2665a8aea6a2");
    expect(await refusalOf(named, null)).toBe("wrong-type");
    await expect(run({ ...named, version: 4 }, ["a"])).rejects.toThrow("no name space");
    const ids = (await outputOf({ name: "uuid", version: 7 }, [1, 2, 3])) as string[];
    expect(ids.every((id) => id.charAt(14) === "7")).toBe(true);
    expect(ids.toSorted()).toEqual(ids);
  });
});
