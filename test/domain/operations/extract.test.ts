import { describe, it } from "vitest";
import { extractEmails, extractNumbers, extractUrls } from "../../../src/domain/operations/extract";
import { outputOf, refusalOf } from "./run-operation";

describe("e-mail addresses are found", () => {
  it.for<[string, string[]]>([
    ["a@b.co", ["a@b.co"]],
    ["mailto:first.last+tag@sub.example.co.uk.", ["first.last+tag@sub.example.co.uk"]],
    ["<a@x.org>,b@y.org;c@z.org", ["a@x.org", "b@y.org", "c@z.org"]],
    ["用户@例え.テスト", ["用户@例え.テスト"]],
    ["x@xn--nxasmq6b.xn--j6w193g", ["x@xn--nxasmq6b.xn--j6w193g"]],
    ["...a@b.co", ["a@b.co"]],
    ["a@b @c.de a@ @ a@b.c a.@b.co a@b.c0m a@-b.co", []],
    ["a@b.com@c.org", ["a@b.com"]],
    ["o'brien@example.com, 'a@b.co' *c@d.co*", ["o'brien@example.com", "a@b.co", "c@d.co"]],
    ["a#b!c$d%e&f^i`j{k}l~m@x.com", ["a#b!c$d%e&f^i`j{k}l~m@x.com"]],
    ["/send?email=ada@x.com&cc=bob@x.com", ["ada@x.com", "bob@x.com"]],
    ["https://x.com/users/ada@x.com", ["ada@x.com"]],
    ["email=ada@x.com", ["ada@x.com"]],
    ["|ada@x.com|bob@x.com|", ["ada@x.com", "bob@x.com"]],
    ["bounce+ada=x.com@list.org", ["bounce+ada=x.com@list.org"]],
    ["SRS0=HHH=TT=x.com=ada@y.org", ["SRS0=HHH=TT=x.com=ada@y.org"]],
    ["a..b@x.com a.@x.com", []],
    ["𝒳a@x.com", ["𝒳a@x.com"]],
    [`${"a".repeat(64)}@x.com`, [`${"a".repeat(64)}@x.com`]],
    [`${"a".repeat(65)}@x.com ${"é.".repeat(33)}a@x.com`, []],
    [`a@${"b".repeat(64)}.com a@${"b.".repeat(127)}com`, []],
    [`a@${"b.".repeat(126)}com`, [`a@${"b.".repeat(126)}com`]],
    ["muster\u00admann@bundes\u00adland.de a@\u2060b.co", ["mustermann@bundesland.de", "a@b.co"]],
    ["a@x.org/b@y.org", ["a@x.org", "b@y.org"]],
    ["a@x.org_b@y.org", ["a@x.org"]],
  ])("in %s", ([text, found], { expect }) => {
    expect([...extractEmails(text)]).toEqual(found);
  });
});

describe("URLs are found", () => {
  it.for<[string, string[]]>([
    ["http://a.b, https://c.d/e?f=g#h.", ["http://a.b", "https://c.d/e?f=g#h"]],
    ["(see https://x.y/z_(w))", ["https://x.y/z_(w)"]],
    ['<a href="https://x.y/">link</a>', ["https://x.y/"]],
    ["HTTPS://EXAMPLE.COM/Ü!", ["HTTPS://EXAMPLE.COM/Ü"]],
    ["http://[::1]:8080/x", ["http://[::1]:8080/x"]],
    ["[see http://[::1], https://x.y/a[1]]", ["http://[::1]", "https://x.y/a[1]"]],
    ["https://x.y/Ohm's_law", ["https://x.y/Ohm's_law"]],
    ["'https://a.b','https://c.d'", ["https://a.b", "https://c.d"]],
    [
      "https://a.com,https://b.com;https://c.com",
      ["https://a.com", "https://b.com", "https://c.com"],
    ],
    ["（https://a.com/x）、「https://b.com」。", ["https://a.com/x", "https://b.com"]],
    ["https://a.com/x。次の文", ["https://a.com/x"]],
    [
      "https://web.archive.org/web/2020/https://a.com",
      ["https://web.archive.org/web/2020/https://a.com"],
    ],
    [
      "[![b](https://a.com/b.svg)](https://c.com)[d](https://d.com/x(y)z)",
      ["https://a.com/b.svg", "https://c.com", "https://d.com/x(y)z"],
    ],
    [
      "(https://a.com)(https://b.com)c [https://d.com][1]",
      ["https://a.com", "https://b.com", "https://d.com"],
    ],
    ["_https://a.com_ *https://b.com/x_*", ["https://a.com", "https://b.com/x"]],
    ["http\u017f://a.b https://a.b,http\u017f://c.d", ["https://a.b,http\u017f://c.d"]],
    [
      "\u2068https://a.b/x\u00ad\u2069 \u202ahttps://c.d\u202c https://e.f/g\u200e \u001b]8;;https://h.i/\u001b",
      ["https://a.b/x", "https://c.d", "https://e.f/g", "https://h.i/"],
    ],
    ["http://[host]/a http://[1::2.3.4.5]/", ["http://[1::2.3.4.5]/"]],
    ["xhttp://a.b http:/a ftp://a.b http:// https://.", []],
  ])("in %s", ([text, found], { expect }) => {
    expect(extractUrls(text)).toEqual(found);
  });
});

describe("numbers are found", () => {
  it.for<[string, number[]]>([
    ["1, 2.5 and -3", [1, 2.5, -3]],
    ["1e3 2E-2 .5 +7", [1000, 0.02, 0.5, 7]],
    ["2024-01-02", [2024, 1, 2]],
    ["v1.2.3", [1.2, 3]],
    ["1,234.56 and 12,345,678", [1234.56, 12345678]],
    ["1,2,3 or 1,234,5 or 100,200", [1, 2, 3, 1, 234, 5, 100200]],
    ["−5, －2 and ＋3", [-5, -2, 3]],
    ["1\u202f234.5, 1'234", [1234.5, 1234]],
    ["１２３円，－５．５度", [123, -5.5]],
    ["١٬٢٣٤٫٥، ۷۸ या १२ และ ๓ 𝟜", [1234.5, 78, 12, 3, 4]],
    ["$1,000.00", [1000]],
    ["1234,567", [1234, 567]],
    ["5. Fifth", [5]],
  ])("in %s", ([text, found], { expect }) => {
    expect([...extractNumbers(text)]).toEqual(found);
  });
});

it.for(["12345678901234567890", "1e999", "-9,007,199,254,740,993"])(
  "%s, which a double cannot hold, is refused and not changed",
  async (text, { expect }) => {
    expect(await refusalOf("extract_numbers", text)).toBe("invalid-value");
    expect(await refusalOf("to_number", text.replaceAll(",", ""))).toBe("invalid-value");
  },
);

it("numbers with a decimal comma are found", ({ expect }) => {
  expect([...extractNumbers("1.234,56 und 0,5 und −7", ",")]).toEqual([1234.56, 0.5, -7]);
  expect([...extractNumbers("-١٬٢٣٤٫٥", ",")]).toEqual([-1234.5]);
});

describe("adversarial texts are read in linear time", () => {
  it.for<[string, string]>([
    ["@", "@".repeat(1_000_000)],
    ["a.", "a.".repeat(500_000)],
    ["a@", "a@".repeat(500_000)],
    ["@a.", "@a.".repeat(300_000)],
    ["@ and a long domain", `x@${"a.".repeat(500_000)}`],
    ["@ and long labels", `x@${"a".repeat(63)}.`.repeat(15_000)],
    ["groups of digits", "1,234".repeat(200_000)],
    ["signs", "−".repeat(1_000_000)],
    ["a list of URLs", "https://a,".repeat(100_000)],
    ["a long word", "a".repeat(1_000_000)],
    ["dots", ".".repeat(1_000_000)],
    ["http://", "http://".repeat(140_000)],
    ["a URL of brackets", `http://a${"(".repeat(300_000)}${")".repeat(300_000)}`],
    ["URLs in brackets", "(https://a)".repeat(100_000)],
    ["a URL of full stops", `http://a${".".repeat(1_000_000)}`],
    ["digits", "1".repeat(1_000_000)],
    ["1e", "1e".repeat(500_000)],
    ["-", "-".repeat(1_000_000)],
    ["1.", "1.".repeat(500_000)],
    ["<", "<".repeat(1_000_000)],
    ["<a '", "<a '".repeat(250_000)],
    ["<a and spaces", `<a ${" ".repeat(500_000)}b${" ".repeat(500_000)}`],
    ["<a and signs", "<a =".repeat(250_000)],
    ["</script", `<script>${"</script".repeat(120_000)}`],
    ["<template>", "<template>".repeat(100_000)],
    ["<!--- -", `<!--${"- -".repeat(300_000)}`],
    ["atoms", "a#'".repeat(300_000)],
    ["<script>", "<script>".repeat(120_000)],
    ["<!--", "<!--".repeat(250_000)],
    ["&", "&".repeat(1_000_000)],
    ["&amp without end", "&am".repeat(300_000)],
    ["spaces", `${" ".repeat(500_000)}x`.repeat(2)],
    ["quotes", '"'.repeat(1_000_000)],
  ])("%s", async ([, text], { expect }) => {
    // Read the long way round: a quadratic pattern would take hours and not seconds.
    for (const name of [
      "extract_emails",
      "extract_urls",
      "extract_numbers",
      "strip_html",
      "html_unescape",
      "collapse_whitespace",
      "trim",
      "csv_parse",
      "to_number",
      "slugify",
    ]) {
      await outputOf([name, "count"], [text]).catch((error: unknown) =>
        expect(String(error)).toMatch(/invalid-value|too-large/),
      );
    }
  });
});
